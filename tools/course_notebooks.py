"""Which notebooks are the course's: those with a name as in 02_output_size.ipynb.

Readers and instructors keep copies beside them, as docs/install.md says, such as my_02.ipynb or
JupyterLab's 02_output_size-Copy1.ipynb. No tool and no test takes these for the course's.
"""

import re

NAME = re.compile(r"\d\d_\w+\.ipynb")


def course_notebooks(course):
    """The paths of the notebooks in the folder of a course, sorted."""
    found = (course / "notebooks").glob("*.ipynb")
    return sorted(path for path in found if NAME.fullmatch(path.name))
