"""Who answers, with which keys, and at what price."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# The widgets' form splits such codes at spaces and commas.
region_validate = RegexValidator(
    r"^[a-z][a-z0-9-]{0,15}\Z", _("Small letters, digits and hyphens, as in eu or us-east")
)
currency_validate = RegexValidator(r"^[A-Z]{3}\Z", _("Three capital letters, as in USD"))


class Dialect(models.TextChoices):
    """How a provider differs from OpenAI on the wire; the engine has one entry for each."""

    OPENAI = "openai", "OpenAI"
    AZURE = "azure", "Azure OpenAI"
    DEEPSEEK = "deepseek", "DeepSeek"
    QWEN = "qwen", "Qwen"
    ZHIPU = "zhipu", "Zhipu"
    MOONSHOT = "moonshot", "Moonshot"
    MISTRAL = "mistral", "Mistral"
    OPENROUTER = "openrouter", "OpenRouter"
    OLLAMA = "ollama", "Ollama"
    VLLM = "vllm", "vLLM"
    LLAMACPP = "llamacpp", "llama.cpp"


class Provider(models.Model):
    """A place that answers chat completions, known to routes by its slug."""

    slug = models.SlugField(_("name in routes"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    dialect = models.CharField(
        _("dialect"), max_length=16, choices=Dialect.choices, default=Dialect.OPENAI
    )
    base_url = models.URLField(_("base URL"), help_text=_("Up to, not with, /chat/completions"))
    proxy_url = models.URLField(_("outgoing HTTP proxy"), blank=True)
    proxy_user = models.CharField(_("user name for the proxy"), max_length=120, blank=True)
    sealed_proxy_password = models.TextField(blank=True, editable=False)
    region = models.CharField(
        _("region"),
        max_length=16,
        blank=True,
        validators=[region_validate],
        help_text=_(
            "Where it keeps what it is sent, as in eu, us or cn. Empty is unknown: no widget that "
            "forbids a region asks it."
        ),
    )
    is_private = models.BooleanField(
        _("in a private network"),
        default=False,
        help_text=_("Allows addresses that are not public, such as 127.0.0.1 or 10.0.0.5"),
    )
    rotate_every_days = models.PositiveSmallIntegerField(
        _("replace keys every so many days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text=_("The desk and the log warn before a key gets older. Empty: no rule."),
    )
    default_model = models.CharField(
        _("default model"),
        max_length=120,
        blank=True,
        help_text=_("Answers prompts that name no model. Empty: only those that name it."),
    )
    context_tokens = models.PositiveIntegerField(
        _("tokens that its models take"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_(
            "Instructions, history and answer together: editors are warned of prompts that do not "
            "fit. A model of another size is named in MODEL_CONTEXT_TOKENS. Empty: not known."
        ),
    )
    # The OPENAI_BASE_URL it was made for; what an operator changes afterwards stays.
    environment_url = models.CharField(max_length=200, blank=True, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class KeyState(models.TextChoices):
    """What is known of a key for good; cooling is not here, it passes by itself."""

    ACTIVE = "active", _("Active")
    PAUSED = "paused", _("Paused")
    EXHAUSTED = "exhausted", _("Quota spent")
    REVOKED = "revoked", _("Revoked")
    OUTDATED = "outdated", _("Must be entered again")
    DRAINING = "draining", _("Draining")
    RETIRED = "retired", _("Retired")


class ApiKey(models.Model):
    """A credential of one provider; its secret is sealed from the first day."""

    provider = models.ForeignKey(
        Provider, on_delete=models.PROTECT, related_name="keys", verbose_name=_("provider")
    )
    label = models.CharField(_("label"), max_length=80)
    sealed_secret = models.TextField(editable=False)
    fingerprint = models.CharField(_("fingerprint"), max_length=16, editable=False)
    state = models.CharField(
        _("state"), max_length=12, choices=KeyState.choices, default=KeyState.ACTIVE
    )
    state_reason = models.CharField(_("reason"), max_length=200, blank=True)
    state_since = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    state_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("changed by"),
    )
    weight = models.PositiveSmallIntegerField(
        _("weight"), default=1, validators=[MinValueValidator(1)]
    )
    expires_on = models.DateField(
        _("expires on"),
        null=True,
        blank=True,
        help_text=_("The last day on which the provider accepts it, if it said so."),
    )
    successor = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="predecessors",
        verbose_name=_("replaced by"),
    )
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("added by"),
    )

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ("provider", "label")
        constraints = (
            models.UniqueConstraint(fields=("provider", "label"), name="apikey_label_unique"),
        )

    def __str__(self) -> str:
        return f"{self.label} ({self.fingerprint})"


class Price(models.Model):
    """What a provider charges for a model from a day on; without one the cost is unknown."""

    provider = models.ForeignKey(
        Provider, on_delete=models.CASCADE, related_name="prices", verbose_name=_("provider")
    )
    model = models.CharField(_("model"), max_length=120)
    currency = models.CharField(
        _("currency"), max_length=3, default="USD", validators=[currency_validate]
    )
    prompt_per_million = models.DecimalField(
        _("per million prompt tokens"),
        max_digits=12,
        decimal_places=6,
        validators=[MinValueValidator(0)],
    )
    completion_per_million = models.DecimalField(
        _("per million completion tokens"),
        max_digits=12,
        decimal_places=6,
        validators=[MinValueValidator(0)],
    )
    valid_from = models.DateField(_("valid from"))

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        ordering = ("provider", "model", "-valid_from")
        constraints = (
            models.UniqueConstraint(
                fields=("provider", "model", "valid_from"), name="price_from_unique"
            ),
        )

    def __str__(self) -> str:
        return f"{self.model} · {self.currency}"
