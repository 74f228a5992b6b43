"""The rows of a draft: its variables, examples and translations, and all of it as one body."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.admin.prompt_forms import DraftForm
from conversations.admin.prompt_settings import SOURCES, TYPES
from conversations.prompts.content import PromptContent
from conversations.prompts.sources import BY_ATTRIBUTE, Source, source_of
from conversations.prompts.variables import VariableType
from conversations.prompts.wording import EXAMPLE_CHARACTERS

MAX_VARIABLES = 50
MAX_TRANSLATIONS = 30
MAX_EXAMPLES = 200  # of all languages together; the service counts each language's

LANGUAGES = sorted(
    (
        (code, f"{info['name_local']} ({code})")
        for code, info in LANG_INFO.items()
        if "name" in info
    ),
    key=lambda language: str(language[1]).casefold(),
)


class VariableForm(forms.Form):
    """One declared variable."""

    name = forms.CharField(
        label=gettext_lazy("name"),
        max_length=40,
        widget=forms.TextInput({"autocapitalize": "off"}),
    )
    type = forms.ChoiceField(
        label=gettext_lazy("type"),
        choices=tuple(TYPES.items()),
        initial=VariableType.TEXT.value,
        required=False,
    )
    choices = forms.CharField(
        label=gettext_lazy("choices, by comma"), max_length=500, required=False
    )
    source = forms.ChoiceField(
        label=gettext_lazy("filled by"),
        choices=tuple(SOURCES.items()),
        initial=Source.FIXED.value,
        required=False,
    )
    attribute = forms.CharField(
        label=gettext_lazy("name of the attribute"), max_length=60, required=False
    )
    default = forms.CharField(label=gettext_lazy("default"), max_length=300, required=False)
    sample = forms.CharField(label=gettext_lazy("sample"), max_length=300, required=False)
    required = forms.BooleanField(label=gettext_lazy("required"), required=False)

    def declaration(self) -> dict[str, Any]:
        """Return the variable of a valid form; what its type and source do not need is left out."""
        said = self.cleaned_data
        kind = said["type"] or VariableType.TEXT
        source = said["source"] or source_of({"name": said["name"]})
        declared = {name: said[name] for name in ("name", "default", "sample", "required")}
        declared |= {"type": str(kind), "source": str(source)}
        if kind == VariableType.CHOICE:
            parts = (part.strip() for part in said["choices"].replace("，", ",").split(","))
            declared["choices"] = list(dict.fromkeys(part for part in parts if part))
        if source in BY_ATTRIBUTE:
            declared["attribute"] = said["attribute"]
        return declared


class ExampleForm(forms.Form):
    """What a customer says, and the answer that would be right."""

    language = forms.ChoiceField(
        label=gettext_lazy("language"),
        choices=[("", gettext_lazy("main language")), *LANGUAGES],
        required=False,
    )
    customer = forms.CharField(
        label=gettext_lazy("the customer says"),
        max_length=EXAMPLE_CHARACTERS,
        widget=forms.Textarea({"rows": 2}),
    )
    answer = forms.CharField(
        label=gettext_lazy("the answer"),
        max_length=EXAMPLE_CHARACTERS,
        widget=forms.Textarea({"rows": 3}),
    )


class TranslationForm(forms.Form):
    """The instructions in another language."""

    language = forms.ChoiceField(label=gettext_lazy("language"), choices=[("", "—"), *LANGUAGES])
    instructions = forms.CharField(
        label=gettext_lazy("instructions"),
        max_length=60_000,
        widget=forms.Textarea({"rows": 10, "spellcheck": "true"}),
    )


class BaseTranslationFormSet(BaseFormSet):  # type: ignore[type-arg]  # takes none at run time
    """Translations, each in a language of its own."""

    def clean(self) -> None:
        """Refuse a language that stands there twice."""
        languages = [row["language"] for row in rows_kept(self) if "language" in row]
        if len(set(languages)) < len(languages):
            raise ValidationError(_("Each language can be translated into once."))


VariableFormSet = forms.formset_factory(
    VariableForm, extra=1, can_delete=True, max_num=MAX_VARIABLES, validate_max=True
)
ExampleFormSet = forms.formset_factory(
    ExampleForm, extra=0, can_delete=True, max_num=MAX_EXAMPLES, validate_max=True
)
TranslationFormSet = forms.formset_factory(
    TranslationForm,
    formset=BaseTranslationFormSet,
    extra=0,
    can_delete=True,
    max_num=MAX_TRANSLATIONS,
    validate_max=True,
)


def variables_initial(content: PromptContent) -> list[dict[str, Any]]:
    """Return what the rows of variables start from."""
    return [
        {
            **variable,
            "type": variable.get("type") or VariableType.TEXT.value,
            "source": source_of(variable).value,
            "choices": ", ".join(variable.get("choices", ())),
        }
        for variable in content.variables
    ]


def examples_initial(content: PromptContent) -> list[dict[str, str]]:
    """Return what the rows of examples start from, the main language first."""
    languages: Iterable[tuple[str, Iterable[Mapping[str, str]]]] = [
        ("", content.examples),
        *((code, words.get("examples", ())) for code, words in content.translations.items()),
    ]
    return [{"language": code, **example} for code, examples in languages for example in examples]


def translations_initial(content: PromptContent) -> list[dict[str, str]]:
    """Return what the rows of translations start from."""
    return [
        {"language": code, "instructions": words["instructions"]}
        for code, words in content.translations.items()
    ]


def content_read(
    draft: DraftForm,
    variables: BaseFormSet[VariableForm],
    examples: BaseFormSet[ExampleForm],
    translations: BaseFormSet[TranslationForm],
) -> PromptContent:
    """Return what the valid forms say as one body."""
    words: dict[str, dict[str, Any]] = {
        row["language"]: {"instructions": _plain(row["instructions"]), "examples": []}
        for row in rows_kept(translations)
    }
    shown: list[dict[str, str]] = []
    for row in rows_kept(examples):
        example = {"customer": _plain(row["customer"]), "answer": _plain(row["answer"])}
        if row["language"]:
            # In a language that nobody translated into it will be refused by its name.
            missing: dict[str, Any] = {"instructions": "", "examples": []}
            words.setdefault(row["language"], missing)["examples"].append(example)
        else:
            shown.append(example)
    return PromptContent(
        variables=[
            row.declaration()
            for row in variables.forms
            if row.cleaned_data and not row.cleaned_data["DELETE"]
        ],
        examples=shown,
        translations=words,
        **{
            name: draft.cleaned_data[name]
            for name in PromptContent.__dataclass_fields__
            if name not in {"variables", "examples", "translations"}
        },
    )


def rows_kept(formset: BaseFormSet[Any]) -> Iterator[dict[str, Any]]:
    """Yield what valid rows say; a spare row that was left alone has no cleaned data at all."""
    for row in formset.forms:
        said = getattr(row, "cleaned_data", None)
        if said and not said["DELETE"]:
            yield said


def _plain(text: str) -> str:
    # Browsers send a carriage return before each newline.
    return text.replace("\r\n", "\n")
