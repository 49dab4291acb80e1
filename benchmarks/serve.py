"""Latency of `lbmrc serve` on loopback: many clients, each with a question after the other.

    python benchmarks/serve.py MODEL DATASET.json [--clients 1 8 32] [--seconds 15]

Starts the server itself; prints one JSON line per number of clients: p50 and p95 of the time from
question to answer in milliseconds, and questions per second.
"""

import argparse
import json
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

import requests


def questions_of(dataset: Path) -> list[dict[str, str]]:
    """Every question of a SQuAD-format file with its passage, in random order."""
    articles = json.loads(dataset.read_text(encoding="utf-8"))["data"]
    paragraphs = [paragraph for article in articles for paragraph in article["paragraphs"]]
    found = [
        {"question": qa["question"], "passage": paragraph["context"]}
        for paragraph in paragraphs
        for qa in paragraph["qas"]
    ]
    random.Random(0).shuffle(found)
    return found


def client(address: str, asked: list[dict[str, str]], until: float, times: list[float]) -> None:
    """Ask until the time is up; each answer's seconds go to ``times``."""
    with requests.Session() as session:
        for question in asked * 1000:
            begun = time.perf_counter()
            if begun > until:
                return
            answer = session.post(f"{address}/answer", json=question, timeout=120)
            answer.raise_for_status()
            times.append(time.perf_counter() - begun)


def measure(address: str, asked: list[dict[str, str]], clients: int, seconds: float) -> dict:
    """Measurements with this many clients, after a one-second warm-up."""
    client(address, asked, time.perf_counter() + 1, [])
    times: list[float] = []
    until = time.perf_counter() + seconds
    threads = [
        threading.Thread(target=client, args=(address, asked[n:], until, times))
        for n in range(clients)
    ]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - begun
    cuts = statistics.quantiles(times, n=20)
    return {
        "clients": clients,
        "answers": len(times),
        "p50_ms": round(1000 * statistics.median(times), 1),
        "p95_ms": round(1000 * cuts[-1], 1),
        "answers_per_second": round(len(times) / taken, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--seconds", type=float, default=15)
    arguments = parser.parse_args()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "lbmrc.cli", "serve", arguments.model, "--port", str(port)]
    server = subprocess.Popen(command)
    address, asked = f"http://127.0.0.1:{port}", questions_of(arguments.dataset)
    try:
        while True:
            try:
                requests.get(f"{address}/health", timeout=10)
                break
            except requests.ConnectionError:
                if server.poll() is not None:
                    sys.exit("the server did not start")
                time.sleep(0.2)
        for clients in arguments.clients:
            print(json.dumps(measure(address, asked, clients, arguments.seconds)), flush=True)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
