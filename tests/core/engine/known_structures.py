"""Trains one epoch of known structures in a process of its own: `python -m tests.core.engine.known_structures QUERY …`.

Prints a line of JSON for each: whether something was traced and compiled here, and the weights after the epoch.
"""

import json
import os
import sys

from core.engine.environment import set_environment

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
set_environment()


def main() -> None:
    from core.engine import compiler, graphs
    from tests.core.engine.cases import Case

    for query in sys.argv[1:]:
        kept: list[str] = []
        graphs.keep = compiler.keep = lambda name, parts, kept=kept: kept.append(name)  # only what is made here is kept
        case = Case.of(query)
        state = case.first()
        case.program.start_compiling(state, case.rows)
        case.program.program._compilation.result(timeout=60)
        weights, _ = case.run(state, case.orders(1))
        line = json.dumps({"made": kept, "weights": [value.numpy().tolist() for value in weights]})
        sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
