"""How the test cases stand, beside the draft and before it is published."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from conversations.admin.case_words import standing_cell
from conversations.admin.prompt_links import may_test
from conversations.models import PromptTemplate, PromptVersion
from conversations.prompts.content import PromptContent
from conversations.prompts.pointer import version_was_live
from conversations.prompts.proof import Proof, proof_read
from conversations.proving.selectors import run_newest


def proof_context(request: HttpRequest, template: PromptTemplate, proof: Proof) -> dict[str, Any]:
    """Return the context that shows how the cases stand; also when there is none."""
    return {
        "proof": proof,
        "proof_template": template,
        "proof_cases": [(one.case, standing_cell(one)) for one in proof.cases],
        "proof_run": run_newest(template),
        "may_test": may_test(request),
    }


def is_red(template: PromptTemplate, version: PromptVersion | None) -> bool:
    """Return whether a version may meet customers only with an excuse."""
    if version is None or version_was_live(version):
        return False
    return bool(proof_read(template, PromptContent.of(version)).red)


def proof_of_base(
    request: HttpRequest, template: PromptTemplate | None, base: PromptVersion | None
) -> dict[str, Any]:
    """Return how the cases stand for what an editor starts from, as it is saved."""
    if template is None or base is None:
        return {}
    return proof_context(request, template, proof_read(template, PromptContent.of(base)))
