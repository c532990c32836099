"""Secrets from files: each secret setting may be the content of the file that `<its name>_FILE` names."""

import os
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource


class SecretFiles(PydanticBaseSettingsSource):
    """Reads the files; raises `ValueError` with the name of the variable where that cannot be done."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return the content of the file of one secret, without the line's end, or None where none is named."""
        variable = name_environment_variable(field_name, field, self.settings_cls)
        path = os.environ.get(f"{variable}_FILE")
        if "Secret" not in str(field.annotation) or not path:
            return None, field_name, False
        if os.environ.get(variable):
            raise ValueError(f"{variable} and {variable}_FILE are both set; set only one of them")
        try:
            return Path(path).read_text(encoding="utf-8").rstrip("\r\n"), field_name, False
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise ValueError(f"{variable}_FILE: {path} cannot be read: {why}") from None

    def __call__(self) -> dict[str, Any]:
        """Return the secrets that files have."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def name_environment_variable(name: str, field: FieldInfo, settings: type[BaseSettings]) -> str:
    """Return the environment variable of a field."""
    alias = field.validation_alias
    choices = getattr(alias, "choices", None)
    return str(choices[0]) if choices else f"{settings.model_config.get('env_prefix', '')}{name}".upper()
