"""Sections of a YAML file written anew or extended, with the comments of all others kept."""

from collections.abc import Mapping
from typing import Any

import yaml


def replace_section(text: str, key: str, value: Mapping[str, Any]) -> str:
    """Return a YAML text with another value of a section; all other sections and their comments stay."""
    before, _, after = _lines_of_section(text, key)
    return "\n".join([*before, *_dump_yaml_lines({key: dict(value)}), *after]) + "\n"


def extend_section(text: str, key: str, value: Mapping[str, Any]) -> str:
    """Return a YAML text with more entries at the end of a section, whose comments stay."""
    before, section, after = _lines_of_section(text, key)
    return "\n".join([*before, *section, *_dump_yaml_lines({key: dict(value)})[1:], *after]) + "\n" if value else text


def _lines_of_section(text: str, key: str) -> tuple[list[str], list[str], list[str]]:
    """Return the lines before a section, its own, and those after it."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{key}:"))
    end = start + 1
    while end < len(lines) and (not lines[end] or lines[end][0] in " ]}"):
        end += 1
    while not lines[end - 1]:
        end -= 1
    return lines[:start], lines[start:end], lines[end:]


def _dump_yaml_lines(value: dict[str, Any]) -> list[str]:
    text = yaml.safe_dump(value, sort_keys=False, default_flow_style=None, allow_unicode=True, width=120)
    return text.rstrip().splitlines()
