"""Text to terms: what a question and a passage are compared by, in English and in Chinese.

English words lose their endings. Chinese has no spaces, so its runs become overlapping pairs
of characters. Words of a shop that mean the same share a concept, in both languages, so that
a question about "delivery" finds the passage about "shipping".
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?|\d+")
_CJK = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")

_STOP_WORDS = (
    "a about after all also am an and any anything are as at be been but buy by can could did do "
    "does doing for from get got had has have he hello help hi how i if in into is it its item "
    "items just know let like long make many may me much must my need no not of offer on one or "
    "our out please product products question sell she should so some something tell thank thanks "
    "that the their them then there these they thing things this those to too up us was way we "
    "were what when where which who why will with would yes you your i'm i've i'd it's don't "
    "can't what's where's there's"
)
_ENGLISH_STOPS = frozenset(_STOP_WORDS.split())
MIN_STEM = 3

# Idioms whose words mean little one by one, and a word that means the same.
_IDIOMS = (
    (re.compile(r"\b(?:send|bring|give|take)\w* (?:\w+ ){0,2}back\b"), "return"),
    (re.compile(r"\bmoney back\b"), "refund"),
    (re.compile(r"\bhow much\b"), "cost"),
    (
        re.compile(r"\bwhen (?:will|does|is)\b.*\b(?:arrive|arriving|come|coming|here)\b"),
        "delivery",
    ),
    (
        re.compile(r"\bwhere(?:'s| is| are) (?:you|(?:your|the) (?:shop|store))\b"),
        "shop address opening hours",
    ),
    (re.compile(r"\bwhere(?:'s| is| are)(?= (?:my|the) (?:order|parcel|package)s?\b)"), "track"),
    (re.compile("多少钱|贵不贵"), "价格"),
    (re.compile("(?:送到|寄到|到货|收到)(?![的了])"), "送达"),
    (re.compile("(?:多久|几天|什么时候)(?:能|可以|会)?到(?!账)"), "送达"),
    (re.compile("在哪|到哪"), "查询"),
)

# A run is cut at these before it is paired, longest first.
_CHINESE_STOPS = re.compile(
    "请问|一下|什么|怎么样|怎么办|怎么|怎样|如何|为什么|可以|能够|能不能|可不可以|有没有|是不是|"
    "是否|多久|多少|哪里|哪儿|哪些|几天|几年|应该|我们|你们|您们|他们|贵店|这个|那个|告诉|知道|需要|想要|"
    "[我你您他她它的了吗呢吧啊呀么是在有和与或也都就还要想能会请把被给对从到个这那上下里吧哦嗯选挑]"
)

_CONCEPTS = {
    "ship": "ship shipping shipment deliver delivery dispatch postage courier "
    "配送 发货 快递 送货 运费 运送 邮寄 寄送 送达 物流",
    "return": "return 退货 退换",
    "refund": "refund 退款 退还 退钱",
    "exchange": "exchange swap 换货 更换",
    "track": "track tracking status 查询 追踪 跟踪 单号",
    "pay": "pay payment card paypal invoice instalment 付款 支付 信用 刷卡 发票",
    "cost": "cost price fee charge expensive free 价格 费用 多少 免费 运费",
    "hours": "open opening hours hour close closed weekend 营业 开门 关门 几点 时间 周末",
    "contact": "contact email mail phone telephone call reach human person "
    "联系 电话 邮箱 邮件 人工",
    "place": "location store shop located visit 门店 位置 店铺",
    "size": "size sizing fit measure 尺码 尺寸 大小 合身",
    "warranty": "warranty guarantee 保修 质保",
    "damage": "broken damaged faulty defect defective 损坏 破损 坏",
    "repair": "repair mend fix 维修 修理",
    "gift": "gift voucher card 礼品 礼物 赠送",
    "order": "order parcel package 订单 包裹",
    "abroad": "abroad international overseas country worldwide 国际 海外 国外 国家",
}


@dataclass(frozen=True, slots=True)
class Term:
    """A word in its plain form, and the concept it stands for, if it is a shop's word."""

    form: str
    concept: str | None


def is_chinese(text: str) -> bool:
    """Return whether a text is to be answered in Chinese: one Chinese character decides."""
    return _CJK.search(text) is not None


def terms(text: str) -> tuple[Term, ...]:
    """Return the telling terms of a text, each once, in the order they come."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    for idiom, word in _IDIOMS:
        plain = idiom.sub(f" {word} ", plain)
    forms = [*_english_forms(plain), *_chinese_forms(plain)]
    return tuple(Term(form, _CONCEPT_OF.get(form)) for form in dict.fromkeys(forms))


def _english_forms(plain: str) -> list[str]:
    return [
        _stem(word.removesuffix("'s"))
        for word in _WORD.findall(_CJK.sub(" ", plain))
        if word not in _ENGLISH_STOPS and (len(word) > 1 or word.isdigit())
    ]


def _chinese_forms(plain: str) -> list[str]:
    runs = [run for found in _CJK.findall(plain) for run in _CHINESE_STOPS.split(found) if run]
    return [pair for run in runs for pair in _pairs(run)]


def _pairs(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(max(len(run) - 1, 1))]


def _stem(word: str) -> str:
    """Cut an English ending, so that shipping, shipped and ships meet; exactness is no aim."""
    if word.endswith("ies") and len(word) > MIN_STEM + 1:
        return word.removesuffix("ies") + "y"
    for ending in ("ing", "ed", "es", "s"):
        if (
            word.endswith(ending)
            and len(word) - len(ending) >= MIN_STEM
            and not word.endswith("ss")
        ):
            word = word.removesuffix(ending)
            break
    if len(word) > MIN_STEM and word[-1] == word[-2] and word[-1] not in "aeioulsz":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > MIN_STEM else word


_CONCEPT_OF = {
    word if is_chinese(word) else _stem(word): concept
    for concept, words in _CONCEPTS.items()
    for word in words.split()
}
