"""What can go wrong with a prompt; editors read ``explanation``.

ConversationError
└── PromptError               a prompt cannot be used, saved or moved
    ├── UnknownPlaceholderError   the instructions name what nobody declared
    ├── MissingValueError         a required variable has neither value nor default
    ├── InvalidVariablesError     a variable's name is no name, or stands there twice
    ├── InvalidValueError         its type, source, default or sample do not go together
    ├── InvalidExamplesError      an example lacks a side; or they are too many, or too long
    ├── InvalidLanguageError      a translation is in no language, or says nothing
    ├── PromptTooLongError        each of its models is known to take less
    ├── DraftConflictError        somebody else changed the draft in between
    ├── PublishConflictError      somebody else published or changed it in between
    ├── LiveMovedError            somebody else moved the live pointer in between
    ├── UnpublishedVersionError   a draft cannot be gone back to
    ├── PublishedVersionError     a published prompt never changes
    ├── SecondPersonError         who wrote the newest change cannot publish it alone
    ├── DocumentError             a file is no prompt template; says which line
    ├── PlanChangedError          the site has changed since somebody agreed to an import
    ├── VersionDiffersError       a file and the site disagree on what a number means
    ├── WallClockError, ScheduleError, SplitError     schedule_errors.py
    └── CaseError                                     case_errors.py
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from conversations.errors import ConversationError


class PromptError(ConversationError):
    """A prompt cannot be used, saved or moved.

    Customers read ``text`` as ever; ``explanation`` is for the people who write prompts.
    """

    code = "prompt_error"
    explanation: str | Promise = _("That did not work. Please try again.")


class UnknownPlaceholderError(PromptError):
    """The instructions hold placeholders that no variable declares.

    Args:
        names: What stands between the braces, in order of appearance.
    """

    code = "unknown_placeholder"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = tuple(names)
        self.explanation = _("No variable is declared for %(placeholders)s.") % {
            "placeholders": ", ".join(f"{{{{{name}}}}}" for name in self.names)
        }


class MissingValueError(PromptError):
    """Required variables have neither a value nor a default.

    Args:
        names: The variables' names, in order of declaration.
    """

    code = "missing_value"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = tuple(names)
        self.explanation = _("There is neither a value nor a default for %(names)s.") % {
            "names": ", ".join(self.names)
        }


class InvalidVariablesError(PromptError):
    """Variables' names are no names, or stand there twice.

    Args:
        names: The names at fault.
    """

    code = "invalid_variables"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = tuple(names)
        self.explanation = _(
            "Each variable needs a name of its own, of letters, digits and underscores: %(names)s."
        ) % {"names": ", ".join(name or "—" for name in self.names)}


class InvalidValueError(PromptError):
    """What variables are declared to be does not go together with their values.

    Args:
        names: The variables' names, in order of declaration.
    """

    code = "invalid_value"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = tuple(names)
        self.explanation = _(
            "Type, choices, source, default and sample must suit each other: %(names)s."
        ) % {"names": ", ".join(self.names)}


class InvalidExamplesError(PromptError):
    """An example lacks a side, or there are too many of them, or one is too long."""

    code = "invalid_examples"
    explanation = _(
        "Each example needs what the customer says and the answer, each of 4,000 characters at "
        "most; a language has 20 examples at most."
    )


class InvalidLanguageError(PromptError):
    """A translation is in no language, or says nothing.

    Args:
        languages: What stands where a language should, in order of appearance.
    """

    code = "invalid_language"

    def __init__(self, languages: Sequence[str]) -> None:
        super().__init__()
        self.languages = tuple(languages)
        self.explanation = _(
            "Each translation needs a language, written as in “de” or “zh-hans”, and "
            "instructions: %(languages)s."
        ) % {"languages": ", ".join(language or "—" for language in self.languages)}


class PromptTooLongError(PromptError):
    """The words alone leave no model room for an answer.

    Args:
        model: The largest of its models.
        size: How many tokens that model takes.
        words: About how many the instructions and examples are.
    """

    code = "prompt_too_long"

    def __init__(self, model: str, *, size: int, words: int) -> None:
        super().__init__()
        self.model, self.size, self.words = model, size, words
        self.explanation = _(
            "Instructions and examples are about %(words)d tokens, and %(model)s takes %(size)d, "
            "answer included. Shorten them, or choose another model."
        ) % {"words": words, "model": model, "size": size}


class DraftConflictError(PromptError):
    """Somebody else changed the draft since this person opened it; nothing was saved."""

    code = "draft_conflict"
    explanation = _("Somebody else changed this template while you were writing.")


class PublishConflictError(PromptError):
    """Somebody else published or changed the draft since this person looked at it."""

    code = "publish_conflict"
    explanation = _(
        "Somebody else published or changed this draft a moment ago. Please look at it again."
    )


class LiveMovedError(PromptError):
    """Somebody else moved the live pointer since this person looked at it."""

    code = "live_moved"
    explanation = _("Somebody else changed what is live a moment ago. Please look at it again.")


class UnpublishedVersionError(PromptError):
    """Only a published version of the same template can go live again."""

    code = "unpublished_version"
    explanation = _("Only a published version of this template can go live again.")


class PublishedVersionError(PromptError):
    """A published prompt version never changes and is never deleted."""

    code = "published_version"
    explanation = _("A published version cannot be changed. Edit the draft instead.")


class SecondPersonError(PromptError):
    """Whoever wrote the newest change cannot publish it: the template asks for two people."""

    code = "second_person"
    explanation = _(
        "You wrote the newest change, and this template asks for a second pair of eyes. Ask a "
        "colleague to publish it."
    )


class DocumentError(PromptError):
    """A file is no prompt template.

    Args:
        line: Where the fault is, from 1.
        words: What is at fault.
    """

    code = "document_error"

    def __init__(self, line: int, words: str) -> None:
        super().__init__()
        self.line = line
        self.words = words
        self.explanation = _("Line %(line)d: %(words)s.") % {"line": line, "words": words}


class PlanChangedError(PromptError):
    """The site has changed since somebody was shown what an import would do."""

    code = "plan_changed"
    explanation = _(
        "Somebody changed this template in the meantime. Look again at what would change."
    )


class VersionDiffersError(PromptError):
    """A file and the site disagree on what a version's number means.

    Args:
        number: The version's number.
    """

    code = "version_differs"

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.explanation = _(
            "Version %(number)d says something else here, and a published version never changes."
        ) % {"number": number}
