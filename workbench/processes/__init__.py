"""`workbench up`: the user interface, the API, the worker and MLflow's own pages as processes on one machine."""
