"""The sample shop: a prompt that is live, a widget that uses it, and one account a role."""

from __future__ import annotations

import secrets
from pathlib import Path

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import transaction

from chatsite import roles
from conversations.models import Offer, PromptTemplate, Widget
from conversations.prompts.content import PromptContent
from conversations.prompts.services import template_create, version_publish, version_to_edit

SHOP = "Harbour & Pine"
INSTRUCTIONS = Path(__file__).with_name("harbour_and_pine.md")
GREETING = "Hello! Ask me about orders, delivery, returns or our things."
QUESTIONS = [
    "Where is my order?",
    "How do I return something?",
    "What does delivery cost?",
    "Do you repair things?",
]
CHINESE = {
    "greeting": "您好！订单、配送、退货或商品方面的问题，都可以问我。",
    "questions": ["我的订单到哪里了？", "怎么退货？", "运费是多少？", "可以寄到中国吗？"],
}
ACCENT = "#1f5f5b"
TEAM = "team@harbourandpine.example"
ACCOUNTS = {"support": roles.SUPPORT, "editor": roles.EDITORS, "operator": roles.OPERATORS}


@transaction.atomic
def seed() -> dict[str, str]:
    """Add what is missing of the sample shop; what is there stays as people have made it.

    Returns:
        The passwords of the accounts that were made now, by user name: nobody can read them
        later.
    """
    template = PromptTemplate.objects.filter(name=SHOP).first() or _template_make()
    if not Widget.objects.exists():
        Widget.objects.create(
            name=SHOP,
            accent=ACCENT,
            greeting=GREETING,
            suggested_questions=QUESTIONS,
            texts={"zh-hans": CHINESE},
            team_offers=[*Offer.values],
            team_recipients=[TEAM],
            prompt_template=template,
        )
    roles.roles_ensure()
    made = {name: _account_ensure(name, group) for name, group in ACCOUNTS.items()}
    return {name: password for name, password in made.items() if password}


def _template_make() -> PromptTemplate:
    content = PromptContent(instructions=INSTRUCTIONS.read_text(encoding="utf-8"), temperature=0.3)
    template = template_create(
        name=SHOP, description="Customer service of the sample shop", content=content
    )
    draft = version_to_edit(template)
    if draft is not None:
        version_publish(draft=draft, note="The first version")
    return template


def _account_ensure(name: str, group: str) -> str | None:
    users = get_user_model()
    if users.objects.filter(username=name).exists():
        return None
    password = secrets.token_urlsafe(12)
    user = users.objects.create_user(username=name, password=password, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return password
