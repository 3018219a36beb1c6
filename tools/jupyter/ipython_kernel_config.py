"""Opening a notebook leaves it as it is: read by every kernel that starts in the course's .venv.

JupyterLab writes into a notebook what its kernel says about the language. Without the version of
Python in it, that is what the course's notebooks already have, whatever Python runs them.
"""

from ipykernel.ipkernel import IPythonKernel

IPythonKernel.language_info.pop("version", None)
