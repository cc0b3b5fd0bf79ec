-- Run once, by the database's first start: MLflow keeps its tables apart from the workbench's.
CREATE DATABASE mlflow;
