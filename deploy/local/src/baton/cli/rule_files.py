"""Reading the files of a playbook that a command is to try."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from baton.exit_codes import FoundWrongError, WrongUsageError

M = TypeVar("M", bound=BaseModel)


def text_of(path: Path, name: str) -> tuple[str, str]:
    """Read a playbook from a file, or from a folder by its name; give the path as well."""
    file = path / name if path.is_dir() else path
    try:
        return file.read_text(encoding="utf-8"), str(file)
    except OSError as error:
        raise WrongUsageError(f"{file}: {error.strerror or error}") from error


def parsed(model: type[M], text: str, name: str) -> M:
    """Read a playbook; raises `FoundWrongError` with its first fault where it is none."""
    try:
        return model.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise FoundWrongError(f"{name}: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        fault = error.errors()[0]
        raise FoundWrongError(f"{name}: {'.'.join(map(str, fault['loc'])) or 'the file'}: {fault['msg']}") from error
