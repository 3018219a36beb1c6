"""Write into notebooks and pages what follows from elsewhere: what `make pages` calls.

The set-up cells and the Colab badges follow from the address in pyproject.toml, the course map from
the heads of the notebooks, the links to docs/glossary.md and its index from its entries. `--check`
writes nothing and exits with 1 where something differs.
"""

import argparse
import sys

import address
import course_map
import glossary

STEPS = (address, course_map, glossary)  # each one's texts() are {path: what it should hold}


def changes(step, course=address.COURSE):
    """The files that differ from what a step wants in them: {path: text}."""
    wanted = step.texts(course)
    return {path: text for path, text in wanted.items() if path.read_text("utf-8") != text}


def write(course=address.COURSE):
    """Writes the files that differ, step after step. Returns their paths, sorted."""
    written = set()
    for step in STEPS:
        for path, text in changes(step, course).items():
            path.write_text(text, encoding="utf-8", newline="\n")
            written.add(path)
    return sorted(written)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="only say what differs")
    check = parser.parse_args().check
    paths = sorted({path for step in STEPS for path in changes(step)}) if check else write()
    for path in paths:
        print(path.relative_to(address.COURSE), "differs" if check else "written")
    unused = glossary.unused_terms()
    for term in unused:
        print(f"no notebook has the term {term!r}")
    sys.exit(1 if unused or (check and paths) else 0)


if __name__ == "__main__":
    main()
