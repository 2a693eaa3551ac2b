"""The words of time in the languages that people write here: English, German, Spanish, French, Russian, Japanese.

One vocabulary for all of them: hardly a word means another time elsewhere, and those few are left out.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum


class Unit(StrEnum):
    """What time is counted in."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


UNITS: Mapping[Unit, str] = {
    Unit.MINUTE: "minutes?|mins?|minuten?|minutos?|минут[уы]?|分",
    Unit.HOUR: "hours?|stunden?|horas?|heures?|час(?:а|ов)?|時間",
    Unit.DAY: "days?|tag(?:en?)?|días?|dias?|jours?|день|дня|дней|日",
    Unit.WEEK: "weeks?|wochen?|semanas?|semaines?|недел[юиьея]|週間?",
    Unit.MONTH: "months?|monat(?:en?)?|mes(?:es)?|mois|месяц(?:а|ев)?|[かヶカケ箇]月",
    Unit.YEAR: "years?|jahr(?:en?)?|años?|anos?|ans?|années?|года?|лет|年",
}

NUMBERS: Mapping[int, str] = {
    1: "a|an|one|einem|einer|ein|eine|un|una|une|один|одну",
    2: "a couple(?: of)?|two|zwei|dos|deux|два|две|пару",
    3: "a few|three|drei|einigen|tres|trois|quelques|три|несколько",
    4: "four|vier|cuatro|quatre|четыре",
    5: "five|fünf|cinco|cinq|пять",
    6: "six|sechs|seis|шесть",
    7: "seven|sieben|siete|sept|семь",
    8: "eight|acht|ocho|huit|восемь",
    9: "nine|neun|nueve|neuf|девять",
    10: "ten|zehn|diez|dix|десять",
    11: "eleven|elf|onze|одиннадцать",
    12: "twelve|zwölf|doce|douze|двенадцать",
}

MONTHS: Sequence[str] = (
    "january|jan|januar|jänner|enero|janvier|январ[ьяе]",
    "february|feb|februar|febrero|f[ée]vrier|феврал[ьяе]",
    "march|märz|maerz|marzo|mars|март[ае]?",
    "april|apr|abril|avril|апрел[ьяе]",
    "may|mai|mayo|ма[йяе]",
    "june|jun|juni|junio|juin|июн[ьяе]",
    "july|jul|juli|julio|juillet|июл[ьяе]",
    "august|aug|agosto|ao[ûu]t|август[ае]?",
    "september|septiembre|setiembre|septembre|сентябр[ьяе]",
    "october|oct|oktober|octubre|octobre|октябр[ьяе]",
    "november|nov|noviembre|novembre|ноябр[ьяе]",
    "december|dec|dezember|diciembre|d[ée]cembre|декабр[ьяе]",
)

WEEKDAYS: Sequence[str] = (
    "monday|montag|lunes|lundi|понедельник",
    "tuesday|dienstag|martes|mardi|вторник",
    "wednesday|mittwoch|miércoles|miercoles|mercredi|сред[ау]",
    "thursday|donnerstag|jueves|jeudi|четверг",
    "friday|freitag|viernes|vendredi|пятниц[ау]",
    "saturday|samstag|sonnabend|sábado|sabado|samedi|суббот[ау]",
    "sunday|sonntag|domingo|dimanche|воскресенье",
)
KANJI_WEEKDAYS = "月火水木金土日"

DAYS: Mapping[str, tuple[int, int]] = {
    "(?:earlier )?today|this morning|this afternoon|heute|hoy|aujourd['’]hui|сегодня|今日|きょう|今朝": (0, 0),
    "yesterday|gestern|ayer|hier (?:soir|matin)|вчера|昨日|きのう": (1, 1),
    "last night|letzte nacht|gestern nacht|anoche|cette nuit|昨夜|昨晩": (1, 0),
    "(?:the )?day before yesterday|vorgestern|anteayer|antier|avant-hier|позавчера|一昨日|おととい": (2, 2),
}
"""From how many days back until how many days back."""

FRENCH_YESTERDAY = "hier"
FRENCH = "qu|que|qui|quoi|quand|où|est|les?|nous|on|une?|dit|fait|avons"
"""In German "hier" is "here": what else is in the question tells which it is."""

THIS_OR_LAST: Mapping[tuple[Unit, int], str] = {
    (Unit.WEEK, 0): "this week|diese woche|dieser woche|esta semana|cette semaine|на этой неделе|今週",
    (Unit.MONTH, 0): "this month|diese[nm] monat|este mes|ce mois(?:-ci)?|в этом месяце|今月",
    (Unit.YEAR, 0): "this year|dieses jahr|diesem jahr|este año|cette année|в этом году|今年",
    (Unit.WEEK, 1): (
        "(?:last|past|previous) week|(?:letzte[rn]?|vorige[rn]?|vergangene[rn]?) woche|semana pasada"
        "|semaine (?:dernière|derniere|passée)|на прошлой неделе|先週"
    ),
    (Unit.MONTH, 1): (
        "(?:last|past|previous) month|(?:letzte[nm]|vorige[nm]|vergangene[nm]) monat|mes pasado"
        "|mois (?:dernier|passé)|в прошлом месяце|先月"
    ),
    (Unit.YEAR, 1): (
        "(?:last|past|previous) year|(?:letzte[sn]|letztem|voriges|vorigen|vergangenes) jahr|año pasado"
        "|année (?:dernière|passée)|an dernier|в прошлом году|去年|昨年"
    ),
}

WEEKEND = (
    "(?:last|this|the|past) weekend|(?:am|letztes|letztem|dieses|diesem) wochenende|fin de semana pasado"
    "|ce week-?end|week-?end (?:dernier|passé)|(?:в|на) (?:прошлых |прошлые )?выходны[ех]|先週末"
)

SINCE = "since|after|seit|nach|desde|depuis|après|с|после"
BEFORE = "before|until|till|by|bis|vor|antes de|hasta|avant|до"
LAST = "last|past|previous|letzte[rnms]?|vorige[rnms]?|vergangene[rnms]?|прошл(?:ый|ом|ую|ое|ой)"
"""Before the name of a month or weekday: the one that is over."""
OVER = "pasad[oa]|derni(?:er|ère)|passée?"
"""The same after it."""
IN_MONTH = "in|during|this|early|late|mid|im|anfang|mitte|ende|diese[nm]|en|el|este|в|во"
ON_DAY = "on|this|am|diese[nm]|el|este|ce|в|во|эту?"
IN_YEAR = "in|during|from|im jahre?|en|в"
NEXT = "next|coming|nächste[rnms]?|kommende[rnms]?|próxim[oa]|prochaine?|следующ(?:ий|ую|ее|ем|ей)|que viene"
EVERY = "every|each|jede[rnms]?|cada|chaque|кажд(?:ый|ую|ое)"
AGO_AFTER = "ago|назад"
AGO_BEFORE = "vor|hace|il y a"
RECENT = "last|past|previous|letzten?|vergangenen?|[uú]ltim[oa]s?|последни[ехй]|過去|ここ"
