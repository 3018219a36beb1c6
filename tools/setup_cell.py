# Set-up: the same cell in every notebook. On Colab it fetches the course once.
import os
import subprocess
import sys

REPOSITORY = ""  # the course's address, written by tools/address.py
if "google.colab" in sys.modules and not os.path.exists("../alexnet_lib"):
    if not os.path.exists("alexnet_course"):
        if not REPOSITORY:
            sys.exit("Set REPOSITORY in this cell to the address of the course's git repository.")
        clone = ["git", "clone", "--quiet", "--depth=1", REPOSITORY, "alexnet_course"]
        subprocess.run(clone, check=True)
    os.chdir("alexnet_course/notebooks")
    sys.path.insert(0, os.path.abspath(".."))

from alexnet_lib.course.setup import setup

course = setup()
