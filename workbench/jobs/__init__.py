"""Work that outlasts a page or a command: durable, with progress, cancellable, resumed after a kill."""
