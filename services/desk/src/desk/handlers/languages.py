"""What pages and messages say, by language: a file of `api/wordings` each."""

from pathlib import Path

import orjson

from desk.domain.wording import ENGLISH, Language

LANGUAGES = {
    "en": ENGLISH,
    **{
        path.stem: Language(path.stem, orjson.loads(path.read_bytes()))
        for path in sorted((Path(__file__).parents[1] / "api" / "wordings").glob("*.json"))
    },
}
"""By their tags; a further file is a further language."""
