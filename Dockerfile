# One image for every part of the workbench: pages, prediction API, worker, MLflow's pages, and the commands.
#
# To renew: raise PYTHON to the newest 3.11 patch of https://hub.docker.com/_/python, run `make constraints` for the
# packages, and let POSTGRES_CLIENT follow the server in docker-compose.yml (pg_dump must not be older than it).
ARG PYTHON=3.11.14-slim-trixie

FROM python:${PYTHON} AS build
# Wheels for CPUs; --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu128 takes those for NVIDIA cards.
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/workbench
ENV PATH=/opt/workbench/bin:$PATH
WORKDIR /src
# What changes seldom comes first: packages are installed again only when their list has changed.
COPY constraints.txt pyproject.toml ./
RUN pip install --constraint constraints.txt --no-deps --index-url "${TORCH_INDEX}" torch
RUN python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['project']['dependencies'], sep='\n')" > needed.txt \
 && pip install --constraint constraints.txt --requirement needed.txt
COPY LICENSE README.md ./
COPY db db
COPY training training
COPY workbench workbench
RUN pip install --constraint constraints.txt --no-deps .

FROM python:${PYTHON}
# pg_dump and pg_restore, for backups of PostgreSQL.
ARG POSTGRES_CLIENT=17
RUN apt-get update \
 && apt-get install --yes --no-install-recommends "postgresql-client-${POSTGRES_CLIENT}" \
 && rm -rf /var/lib/apt/lists/*
# Numbers, so that a volume's files belong to the same user in every release and on every host.
RUN groupadd --gid 10001 workbench \
 && useradd --uid 10001 --gid 10001 --no-log-init --create-home workbench \
 && install --directory --owner 10001 --group 10001 --mode 700 /home/workbench/home
COPY --from=build /opt/workbench /opt/workbench
# The root file system may be read-only: what libraries want to cache goes to /tmp, models from a hub to the volume.
ENV PATH=/opt/workbench/bin:$PATH \
    HOME=/home/workbench \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    WORKBENCH_HOME=/home/workbench/home \
    HF_HOME=/home/workbench/home/hub \
    HF_HUB_DISABLE_TELEMETRY=1 \
    MLFLOW_DISABLE_TELEMETRY=true \
    GRADIO_ANALYTICS_ENABLED=False \
    GRADIO_TEMP_DIR=/tmp/gradio \
    MPLCONFIGDIR=/tmp/matplotlib
WORKDIR /home/workbench/home
USER 10001:10001
VOLUME /home/workbench/home
EXPOSE 7860 8000 5000
# Of the pages; docker-compose.yml names the part that each service is.
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "-m", "workbench.upkeep.health", "ui"]
CMD ["workbench", "ui", "--host", "0.0.0.0"]
