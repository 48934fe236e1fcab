"""The error of a preset over several seeds: `python tests/benchmarks/accuracy.py lenet --results FILE`.

Each seed is one run on the first 50,000 digits of MNIST, judged on the 10,000 validation digits while it goes on, and
once, at its end, on the test digits. Runs are made one by one; a finished one is a line of JSON in the results and is
not made again, so an interrupted measurement goes on where it was. All seeds count, none is chosen.

`--validation` hides the test digits, for choosing a recipe; `--set NAME=VALUE` tries another setting.
"""

import argparse
import json
import statistics
import time
from dataclasses import replace
from pathlib import Path

from mnist_gui.data.dataset import Dataset
from mnist_gui.data.library import bundled_mnist
from mnist_gui.engine import checkpoint
from mnist_gui.engine.config import TrainingConfig
from mnist_gui.engine.control import Control
from mnist_gui.engine.events import RunFailed, RunFinished, TrainingEvent, Validated
from mnist_gui.engine.presets import PRESETS


def without_test(dataset: Dataset) -> Dataset:
    """The same digits without the test split."""
    training, validation, _ = dataset.sizes
    count = training + validation
    return replace(
        dataset, images=dataset.images[:count], labels=dataset.labels[:count], sizes=(training, validation, 0)
    )


def run(config: TrainingConfig, dataset: Dataset, models: Path | None) -> dict[str, object]:
    """One run; what is kept of it."""
    from mnist_gui.engine.trainer import train

    validated: list[Validated] = []
    ends: list[TrainingEvent] = []

    def keep(event: TrainingEvent) -> None:
        if isinstance(event, Validated):
            validated.append(event)
        elif isinstance(event, RunFinished | RunFailed):
            ends.append(event)

    began = time.perf_counter()
    train(config, dataset, keep, Control())
    (end,) = ends
    if not isinstance(end, RunFinished):
        raise SystemExit(end.message)
    if models is not None and end.model is not None:
        models.mkdir(parents=True, exist_ok=True)
        checkpoint.save(end.model, models / f"seed-{config.seed}{checkpoint.SUFFIX}")
    return {
        "config": config.to_dict(),
        "validation_error": end.validation_error,
        "last_validation_error": validated[-1].error,
        "last_validation_loss": validated[-1].loss,
        "test_error": end.test_error,
        "seconds": time.perf_counter() - began,
        "validation_errors": [event.error for event in validated],
    }


def summary(records: list[dict[str, object]], name: str) -> str:
    """Mean and standard deviation over the runs."""
    values = [float(str(record[name])) for record in records if record[name] is not None]
    if not values:
        return "-"
    spread = f" ± {statistics.stdev(values):.3f}" if len(values) > 1 else ""
    return f"{statistics.mean(values):.3f}{spread}"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="The error of a preset over several seeds.")
    parser.add_argument("preset", choices=list(PRESETS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--models", type=Path, help="folder to keep the models in")
    parser.add_argument("--validation", action="store_true", help="do not read the test digits")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", dest="settings")
    options = parser.parse_args()

    config = PRESETS[options.preset].config
    for setting in options.settings:
        name, _, text = setting.partition("=")
        kind = type(getattr(config, name))
        value = text in ("True", "true", "1") if kind is bool else kind(text)
        config = replace(config, **{name: value})
    dataset = bundled_mnist()
    if options.validation:
        dataset = without_test(dataset)

    lines = options.results.read_text().splitlines() if options.results.exists() else []
    known = [json.loads(line) for line in lines]
    records = []
    for seed in options.seeds:
        wanted = replace(config, seed=seed)
        kept = [
            record
            for record in known
            if record["config"] == wanted.to_dict() and (record["test_error"] is None) is options.validation
        ]
        record = kept[0] if kept else run(wanted, dataset, options.models)
        if not kept:
            with options.results.open("a") as file:
                file.write(json.dumps(record) + "\n")
        records.append(record)
        print(
            f"{options.preset} {' '.join(options.settings)} seed {seed}: validation {record['validation_error']:.2f}"
            f" (last {record['last_validation_error']:.2f}, loss {record['last_validation_loss']:.4f}),"
            f" test {record['test_error']}, {record['seconds']:.0f} s",
            flush=True,
        )
    print(
        f"{options.preset} {' '.join(options.settings)} n={len(records)}: validation"
        f" {summary(records, 'validation_error')} (last {summary(records, 'last_validation_error')}), test"
        f" {summary(records, 'test_error')}, {summary(records, 'seconds')} s",
        flush=True,
    )


if __name__ == "__main__":
    main()
