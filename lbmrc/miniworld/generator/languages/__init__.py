"""The phrases of each language, one module per language (the notation is explained in `en`)."""

from types import ModuleType

from lbmrc.miniworld.generator.languages import ar, de, el, en, es, hi, ru, tr, vi

MODULES: dict[str, ModuleType] = {
    "en": en,
    "es": es,
    "de": de,
    "ar": ar,
    "hi": hi,
    "vi": vi,
    "el": el,
    "ru": ru,
    "tr": tr,
}
