"""Print the exact versions of all that is installed here: what constraints.txt holds.

A package that needs a newer Python than the course does is pinned from that Python on.
CUDA's packages are left out: torch names their versions itself, and they differ by build.
"""

import re
import sys
from importlib.metadata import distributions

LEFT_OUT = r"(alexnet-lib|pip|setuptools|wheel|triton|(nvidia|cuda)-.*)"


def main():
    lines = set()
    for package in distributions():
        name = re.sub(r"[-_.]+", "-", package.metadata["Name"]).lower()
        if re.fullmatch(LEFT_OUT, name):
            continue
        line = f"{name}=={package.version}"
        needs = re.search(r">=\s*3\.(\d+)", package.metadata["Requires-Python"] or "")
        if needs and int(needs[1]) > 10:
            line += f' ; python_version >= "3.{needs[1]}"'
        lines.add(line)
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"# Tested together with Python {version}; written by tools/constraints.py.")
    print("\n".join(sorted(lines)))


if __name__ == "__main__":
    main()
