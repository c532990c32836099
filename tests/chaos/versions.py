"""Another version of the services beside this one, from the repository's own history."""

import io
import os
import subprocess
import tarfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def checkout(reference: str, folder: Path) -> dict[str, str]:
    """Write the code of a commit or tag into `folder`; return the environment that makes a process run it."""
    done = subprocess.run(
        ("git", "archive", reference, "libs", "services", "deploy/playbook"), cwd=ROOT, capture_output=True, check=True
    )
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    sources = [folder / "libs" / "events" / "src", *sorted((folder / "services").glob("*/src"))]
    return {"PYTHONPATH": os.pathsep.join(map(str, sources)), "BATON_PLAYBOOK_DIR": str(folder / "deploy" / "playbook")}
