"""``python -m tests.benchmarks``: every benchmark, one after the other; prints ratios, asserts nothing."""

import importlib
import pkgutil

import tests.benchmarks


def main() -> None:
    for found in pkgutil.iter_modules(tests.benchmarks.__path__):
        if found.name != "__main__":
            importlib.import_module(f"tests.benchmarks.{found.name}").main()


if __name__ == "__main__":
    main()
