"""People and services: proposing, queues, quality, search, jobs, api, ui and the command line."""
