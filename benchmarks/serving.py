"""How fast the service and `workbench predict` are, over the bundled sample: `python benchmarks/serving.py [ROWS]`.

Prints one JSON object: milliseconds of single requests over HTTP, each on a connection of its own as callers do it;
rows a second of requests of 1 000 texts; rows a second of a file of ROWS rows (100 000), with and without the start.
What it costs in processor time stands beside it, as that means the same on a machine that others use too.
"""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "workbench" / "sample"
REQUESTS, BULK_REQUESTS, BULK_TEXTS = 400, 5, 1_000


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        environment = {**os.environ, "WORKBENCH_HOME": str(home)}
        texts = train(environment)
        with service(environment) as address:
            figures = singles(address, texts) | bulks(address, texts)
        figures |= file(environment, home, texts, rows)
    print(json.dumps({"load": os.getloadavg()[0], "cores": os.cpu_count(), **figures}))


def workbench(environment: dict[str, str], *arguments: str) -> str:
    command = [str(Path(sys.executable).with_name("workbench")), *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


def train(environment: dict[str, str]) -> list[str]:
    """A tfidf champion of the project "sample"; returns the sample's texts."""
    with (SAMPLE / "reviews.csv").open(encoding="utf-8", newline="") as stream:
        columns = next(csv.reader(stream))
        texts = [row["text"] for row in csv.DictReader(stream, columns)]
    label = next(name for name in columns if name in ("label", "category"))
    labels = ["--labels-column", label, "--as", "annotation", "--by", "sample", "--add-labels"]
    workbench(environment, "labels", "sample", "--set", str(SAMPLE / "labels.yaml"), "--kind", "category")
    workbench(environment, "import", str(SAMPLE / "reviews.csv"), "--project", "sample", *labels)
    retrain = ["-m", "training.retrain", "--project", "sample", "--recipe", "tfidf", "--promote", "always"]
    subprocess.run([sys.executable, *retrain], env=environment, check=True, capture_output=True)
    return texts


@contextmanager
def service(environment: dict[str, str]) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("workbench")), "api", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        while server.poll() is None:
            try:
                with urllib.request.urlopen(f"{address}/readyz", timeout=5):
                    break
            except OSError:
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait()


def predict(address: str, texts: list[str]) -> list[Any]:
    body = json.dumps({"texts": texts}).encode()
    request = urllib.request.Request(
        f"{address}/v1/projects/sample/predict", body, {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return list(json.load(response))


def singles(address: str, texts: list[str]) -> dict[str, float]:
    took = []
    before = cpu_seconds(address)
    for number in range(REQUESTS + 30):
        started = time.perf_counter()
        predict(address, [texts[number % len(texts)]])
        took.append(1e3 * (time.perf_counter() - started))
    ranked = sorted(took[30:])
    return {
        "single_p50_ms": round(ranked[REQUESTS // 2], 2),
        "single_p95_ms": round(ranked[REQUESTS * 95 // 100], 2),
        "single_cpu_ms": round(1e3 * (cpu_seconds(address) - before) / len(took), 2),
    }


def cpu_seconds(address: str) -> float:
    """Of the service, by its own metrics."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as response:
        lines = response.read().decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("process_cpu_seconds_total "))


def bulks(address: str, texts: list[str]) -> dict[str, float]:
    started = time.perf_counter()
    for _ in range(BULK_REQUESTS):
        assert len(predict(address, random.Random(7).choices(texts, k=BULK_TEXTS))) == BULK_TEXTS
    return {"bulk_rows_a_second": round(BULK_REQUESTS * BULK_TEXTS / (time.perf_counter() - started))}


def file(environment: dict[str, str], home: Path, texts: list[str], rows: int) -> dict[str, float]:
    """A file as long as titles are: eight words of the sample and a number that makes each row its own."""
    words = sorted({word for text in texts for word in text.split()})
    generator = random.Random(7)
    with (home / "in.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["id", "text"])
        writer.writerows([number, " ".join([*generator.choices(words, k=8), str(number)])] for number in range(rows))
    started, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    paths = [str(home / "in.csv"), str(home / "out.csv")]
    summary = json.loads(workbench(environment, "predict", *paths, "--project", "sample", "--json"))
    whole, now = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = now.ru_utime - used.ru_utime + now.ru_stime - used.ru_stime
    return {
        "file_rows_a_second": round(rows / summary["seconds"]),
        "file_rows_a_second_with_start": round(rows / whole),
        "file_rows_a_cpu_second_with_start": round(rows / cpu),
    }


if __name__ == "__main__":
    main()
