"""What differs from one machine to the next, from the environment: `MATCHER_ENCODER=… matcher match …`."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_cache_path, user_data_path
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from matcher.errors import BadInput
from matcher.retrieval import IndexKind
from models.catalogue import DEFAULT_ENCODER
from models.sentence_encoder import NumberFormat


def _cache_folder() -> Path:
    return user_cache_path("incubator-matcher")


def _database_url() -> str:
    return f"sqlite:///{user_data_path('incubator-matcher') / 'matcher.db'}"


class Settings(BaseSettings):
    """The settings of a process; each reads the environment variable of its name after `MATCHER_`."""

    model_config = SettingsConfigDict(env_prefix="MATCHER_", env_ignore_empty=True)

    encoder: str = Field(
        DEFAULT_ENCODER,
        description="multilingual-e5-small, all-minilm-l6-v2, a SentenceTransformer folder or a Hugging Face id; "
        "with +all-minilm-l6-v2 behind it, that one compares English with English",
    )
    number_format: NumberFormat | None = Field(
        None, description="float32 or bfloat16; unset: bfloat16 where the processor multiplies it natively"
    )
    cache_folder: Path = Field(
        default_factory=_cache_folder, description="where the converted model is kept, and the vectors of the commands"
    )
    index: IndexKind = Field(IndexKind.EXACT, description="exact, hnsw or ivf: how FAISS finds the nearest passages")
    database_url: str = Field(
        default_factory=_database_url,
        description="sqlite:///FILE or postgresql://USER@HOST/NAME: everything the service keeps",
    )
    largest_body: int = Field(32 * 2**20, ge=1024, description="bytes that the body of a request may have")
    most_pairs: int = Field(4_000_000, ge=1, description="startups × experts that one request may match")
    solve_seconds: float = Field(60.0, gt=0, description="seconds that a solver may search for one request")
    rate_limit: str = Field("600 per minute", description="requests that one key may make")
    threads: int = Field(0, ge=0, description="cores that a server or worker may use; 0: all. Kept workers use one")
    run_seconds: float = Field(3600.0, gt=0, description="seconds that a run of the service may take")
    workers: int = Field(1, ge=0, description="workers that `matcher serve` keeps beside itself")
    candidates: int = Field(200, ge=1, description="how many eligible experts are scored for each startup")


def read_settings() -> Settings:
    """Return the settings. Raises `BadInput` naming every variable that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        told = (
            f"MATCHER_{str(detail['loc'][0]).upper()}: found {detail['input']!r}, {detail['msg']}"
            for detail in error.errors(include_url=False)
        )
        raise BadInput("; ".join(told)) from error


def settings_with(database_url: str | None) -> Settings:
    """Return the settings, with this database where one is named. Raises `BadInput` as `read_settings` does."""
    settings = read_settings()
    return settings.model_copy(update={"database_url": database_url}) if database_url else settings
