"""What requests for exports and citations may say."""

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from index.errors import QueryError
from service.exports.formats import ExportFormat
from service.parameters import RequestModel, SearchBody, SimilarBody
from service.search import Asked
from service.whole import WholeParameters

CiteFormat = Literal["text", "bibtex", "ris", "csl-json"]

_FORMAT = (
    "`bibtex`, `ris`, `csl-json`, `csv` (for spreadsheets, with a byte order mark) or `jsonl`, "
    "which alone holds all that is known of an article. Cognate reads each of them back."
)
_MOST = "At most so many articles; without it all that answer, up to the bound."
_VERSIONS = "Whether each article is followed by the other versions of its work."
_ID = "An article by any form of its id, in this order; nothing else is asked beside it."
_BESIDE_IDS = {"format", "limit", "versions", "id", "timeout_ms"}
_CITE = "`text`, a formatted reference, or an entry of a file of references."


class ExportParameters(WholeParameters):
    """The parameters of GET /v1/export."""

    format: ExportFormat = Field(description=_FORMAT)
    limit: int | None = Field(default=None, ge=1, description=_MOST)
    versions: bool = Field(default=False, description=_VERSIONS)
    id: list[str] = Field(default=[], description=_ID)

    def to_asked(self) -> Asked:
        """Give the question or the examples, or the articles that are selected."""
        if not self.id:
            return self.to_wanted()
        if others := sorted(self.model_fields_set - _BESIDE_IDS):
            name = others[0].rstrip("_")
            raise QueryError(name, "the articles are named by their ids; leave this out")
        return tuple(self.id)


class TickedParameters(ExportParameters):
    """What the page sends: all that answers, and what is ticked of it, which then counts alone."""

    format: ExportFormat = Field(default="bibtex", description=_FORMAT)

    def to_asked(self) -> Asked:
        """Give the articles that are ticked, else the question or the examples."""
        return tuple(self.id) or self.to_wanted()


class ExportBody(RequestModel):
    """The body of POST /v1/export: exactly one of `search`, `similar` and `ids`."""

    format: ExportFormat = Field(description=_FORMAT)
    search: SearchBody | None = Field(
        default=None,
        description="What POST /v1/search takes; its limit does not count.",
    )
    similar: SimilarBody | None = Field(
        default=None, description="What POST /v1/similar takes; its limit does not count."
    )
    ids: list[str] | None = Field(
        default=None, description="Articles by any form of their ids, in this order."
    )
    limit: Annotated[StrictInt, Field(ge=1)] | None = Field(default=None, description=_MOST)
    versions: StrictBool = Field(default=False, description=_VERSIONS)

    @property
    def timeout_ms(self) -> int | None:
        """The time for what answers to be found."""
        body = self.search or self.similar
        return None if body is None else body.timeout_ms

    def to_asked(self) -> Asked:
        """Give what is to be exported."""
        asked = [body for body in (self.search, self.similar, self.ids) if body is not None]
        if len(asked) != 1:
            reason = f"the body has {len(asked)} of search, similar, ids; give exactly one"
            raise QueryError(None, reason)
        if self.ids is not None:
            if not self.ids:
                raise QueryError("ids", "names no article")
            return tuple(self.ids)
        name = "search" if self.search else "similar"
        body = self.search or self.similar
        assert body is not None
        if body.cursor is not None:
            raise QueryError(f"{name}.cursor", "an export has no pages; leave it out")
        return body.to_query()


class CiteParameters(RequestModel):
    """The parameters of GET /v1/articles/{id}/cite."""

    format: CiteFormat = Field(default="text", description=_CITE)
