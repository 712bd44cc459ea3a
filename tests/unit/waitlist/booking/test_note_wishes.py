"""What is read from notes: wishes in eight languages, and what must not be taken for one."""

# ruff: noqa: RUF001 - letters of many scripts are intended

from __future__ import annotations

import sys
from datetime import datetime
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waitlist.booking.note_wishes import Match, NoteWishes, TimeWish, fits, read_wishes
from waitlist.booking.words.kinds import WHOLE_DAY, TimeRange

RESOURCES = {
    1: "Room 1",
    2: "Room 2",
    21: "Room 21",
    3: "Dr. Weiß",
    4: "Hall (large)",
    5: "قاعة الأطفال",
    6: "7",
    7: "Salle Été",
}
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

WISHES = {
    # English
    "Prefers mornings": "morning",
    "After 16:00, prefers room 2": "Room 2 16:00-",
    "mondays or wednesdays, ROOM 2!": "Room 2 Mon Wed",
    "Mon–Wed": "Mon Tue Wed",
    "Fri - Mon": "Mon Fri Sat Sun",
    "MON-FRI before noon": "Mon Tue Wed Thu Fri -12:00",
    "Quarterly inspection, any Thursday": "Thu",
    "Sat mornings": "Sat morning",
    "Sat or Sun": "Sat Sun",
    "in Room 2 on Tuesdays after 4pm": "Room 2 Tue 16:00-",
    "between 10 and 12": "10:00-12:00",
    "4-6 p.m. Thursdays": "Thu 16:00-18:00",
    "from 2 to 4 pm": "14:00-16:00",
    "Mondays mornings, Thursdays after 16:00": "Mon morning / Thu 16:00-",
    "mornings or evenings": "morning evening",
    "mornings after 9": "9:00-12:00",
    "Called on Monday; prefers afternoons": "afternoon",
    "not before 10": "10:00-",
    "no later than 15:30": "-15:30",
    "Not on Mondays": "not Mon",
    "Any day but Friday": "not Fri",
    "Tuesdays, not Mondays": "Tue not Mon",
    "not Monday, Tuesday is fine": "Tue not Mon",
    "Mondays don't work": "not Mon",
    "Mornings are not possible on Mondays": "not Mon morning",
    "weekdays except Wednesday": "Mon Tue Wed Thu Fri not Wed",
    "no problem on Mondays": "Mon",
    "prefers Friday with Dr Weiss": "Room 3 Fri",
    "Hall (large), evenings": "Room 4 evening",
    "not room 1": "not Room 1",
    "weekends only": "Sat Sun",
    "lunchtime": "noon",
    "16:00 or later": "16:00-",
    "4pm onwards": "16:00-",
    "Monday, Wednesday, Friday 9-11": "Mon Wed Fri 9:00-11:00",
    "anything but Tuesday": "not Tue",
    "afternoons ok, mornings not": "afternoon not morning",
    "can't do Mondays or Fridays": "not Mon Fri",
    "everything except Friday afternoons": "not Fri afternoon",
    "no Monday appointments before 10": "not Mon -10:00",
    # German
    "gerne vormittags": "morning",
    "Montagvormittag oder Donnerstag ab 16 Uhr": "Mon morning / Thu 16:00-",
    "montags und mittwochs nachmittags": "Mon Wed afternoon",
    "Mo, Mi ab 16": "Mon Wed 16:00-",
    "mo-fr 8-12 Uhr": "Mon Tue Wed Thu Fri 8:00-12:00",
    "von Montag bis Mittwoch": "Mon Tue Wed",
    "zwischen 14 und 16 Uhr": "14:00-16:00",
    "nicht vor 10 Uhr": "10:00-",
    "nicht montags": "not Mon",
    "außer freitags immer": "not Fri",
    "montags geht nicht": "not Mon",
    "kein Problem am Freitag": "Fri",
    "nur Sonnabend, bei Dr. Weiss": "Room 3 Sat",
    "am Wochenende": "Sat Sun",
    "am liebsten abends nach 18.30 Uhr": "18:30-",
    "nicht dienstags, mittwochs oder freitags": "not Tue Wed Fri",
    "Dienstag oder Donnerstag Nachmittag": "Tue Thu afternoon",
    "Montag Morgen": "Mon morning",
    "Di u. Do, 16 Uhr oder später": "Tue Thu 16:00-",
    "Montags 9-11": "Mon 9:00-11:00",
    # French
    "le lundi matin": "Mon morning",
    "plutôt l'après-midi": "afternoon",
    "à partir de 16h": "16:00-",
    "mar. ou jeu. après 17h30": "Tue Thu 17:30-",
    "de 14h à 16h, Salle Ete": "Room 7 14:00-16:00",
    "pas le lundi": "not Mon",
    "le lundi n'est pas possible": "not Mon",
    "jamais le mercredi, sinon le matin": "morning not Wed",
    "avant midi": "-12:00",
    "du lundi au mercredi": "Mon Tue Wed",
    "samedis": "Sat",
    # Polish
    "najlepiej rano": "morning",
    "po południu w środy": "Wed afternoon",
    "po 16": "16:00-",
    "w pon. i śr. po 17": "Mon Wed 17:00-",
    "od poniedziałku do środy do 12": "Mon Tue Wed -12:00",
    "nie w poniedziałki": "not Mon",
    "w piątki nie": "not Fri",
    "tylko wieczorem, nie wcześniej niż 18": "evening",
    "w soboty lub niedziele": "Sat Sun",
    "między 14 a 16": "14:00-16:00",
    "czwartek przed południem": "Thu morning",
    "po godz. 17": "17:00-",
    # Spanish
    "lunes por la mañana": "Mon morning",
    "por las tardes, después de las 17": "17:00-20:00",
    "de lunes a viernes": "Mon Tue Wed Thu Fri",
    "los sábados no": "not Sat",
    "antes del mediodía": "-12:00",
    "miércoles o jueves a partir de las 16h": "Wed Thu 16:00-",
    "entre las 14 y las 16": "14:00-16:00",
    "lun y mié": "Mon Wed",
    # Italian
    "sabato mattina": "Sat morning",
    "dopo le 16, mai il lunedì": "16:00- not Mon",
    "dal lunedì al mercoledì, dalle 14 alle 16": "Mon Tue Wed 14:00-16:00",
    "il pomeriggio": "afternoon",
    "la sera": "evening",
    "non prima delle 10": "10:00-",
    "martedi tranne mattina": "Tue not morning",
    # Brazilian Portuguese
    "segunda a sexta de manhã": "Mon Tue Wed Thu Fri morning",
    "às quintas à tarde": "Thu afternoon",
    "terça-feira depois das 16h": "Tue 16:00-",
    "no sábado de manhã": "Sat morning",
    "não às segundas-feiras": "not Mon",
    "só à noite": "evening",
    "qualquer dia menos segunda": "not Mon",
    # Arabic
    "أيام الاثنين والأربعاء صباحًا": "Mon Wed morning",
    "بعد الساعة 4 مساءً": "16:00-",
    "بعد الساعة ٤": "16:00-",
    "يفضل بعد الظهر": "afternoon",
    "ليس يوم الجمعة": "not Fri",
    "من الأحد إلى الثلاثاء": "Mon Tue Sun",
    "قاعة الأطفال، قبل الظهر": "Room 5 morning",
    # Several languages, odd bytes
    "Speaks Polish; prefers mornings, po 10": "10:00-12:00",
    "MONDAYS\u00a0\t after\u200f 16:00": "Mon 16:00-",
    "LUNEDI\u0300": "Mon",
    "ｒｏｏｍ　２": "Room 2",
}
"""A note, and what it wishes: names of days, parts of the day, and times."""

NOTHING = (
    "",
    " \n",
    "Mondayitis",
    "Room 22",
    "Room",
    "2 children",
    "7",
    "Mr Friday",
    "Anna Friday",
    "Anna Friday wants a window seat",
    "Frau Sonntag",
    "Familie Freitag kommt zu dritt",
    "Herr Montag",
    "Domenica Rossi",
    "pani Sobota",
    "Sra. Domingo",
    "Call back before noon",
    "please call Monday afternoon",
    "Anrufen ab 16 Uhr",
    "Rückruf montags",
    "rappeler le lundi matin",
    "zadzwonić po 16",
    "llamar por la tarde",
    "ligar depois das 16h",
    "الاتصال بعد الساعة 4",
    "Good morning",
    "Guten Morgen, bitte melden",
    "buenas tardes",
    "صباح الخير",
    "cancelled Friday",
    "works mornings",
    "arbeitet bis 16 Uhr",
    "moved from 12 May, promised the next free slot",
    "Speaks Polish – phone note 14 Nov",
    "Tue 14 Nov",
    "Montag, 1. Dezember",
    "lundi 14",
    "next Monday",
    "lundi prochain",
    "seit Montag",
    "since Friday",
    "until Friday",
    "tomorrow morning",
    "morgen",
    "jutro rano",
    "mañana",
    "domani mattina",
    "غدا صباحا",
    "after 2 weeks",
    "after 16 visits",
    "nach 3 Monaten",
    "po 2 wizytach",
    "después de 2 horas",
    "llega tarde",
    "in 2027",
    "Kinder ab 6",
    "before mornings",
    "group, up to 4",
    "grupo de 2 a 4",
    "at half past 4",
    "ab 16 Jahren",
    "+49 30 16 12 10",
    "the cat sat on the mat, sun shining",
    "Sun",
    "the sun and the sea",
    "so do I",
    "mon fils",
    "la mer et la vie",
    "il sera là",
    "mi hijo",
    "di qui e di qua",
    "na segunda vez",
    "la segunda visita",
    "pt sob and wt 60 kg",
    "March or May",
    "im Mai",
    "12.5 kg",
    "ratio 16:9",
    "no sábado",
    "two seats by the window",
)


def described(wishes: NoteWishes) -> str:
    """Return wishes in words such as `Room 2 Mon morning / Thu 16:00- not Fri`."""
    wished = [*_rooms(wishes.resource_ids), " / ".join(map(_time, wishes.times))]
    avoided = [*_rooms(wishes.avoided_ids), *map(_time, wishes.avoided_times)]
    return " ".join(filter(None, [*wished, *(f"not {one}" for one in avoided)]))


def _rooms(numbers: frozenset[int]) -> list[str]:
    return [f"Room {one}" for one in sorted(numbers)]


def _time(wish: TimeWish) -> str:
    return " ".join([*(DAYS[one] for one in sorted(wish.days)), *map(_range, wish.times)])


def _range(time: TimeRange) -> str:
    if time.part:
        return time.part.value
    begin = f"{time.begin // 60}:{time.begin % 60:02}" if time.begin else ""
    end = f"{time.end // 60}:{time.end % 60:02}" if time.end < WHOLE_DAY else ""
    return f"{begin}-{end}"


@pytest.mark.parametrize("note", WISHES)
def test_a_note_is_read(note: str) -> None:
    assert described(read_wishes(note, RESOURCES)) == WISHES[note]


@pytest.mark.parametrize("note", NOTHING)
def test_a_note_without_a_wish_is_not_misread(note: str) -> None:
    assert not read_wishes(note, RESOURCES)


def test_a_time_fits_if_it_contradicts_no_wish() -> None:
    note = "Room 2, Mondays mornings or Thursdays after 16:00, not room 1"
    wishes = read_wishes(note, RESOURCES)
    monday, thursday = wishes.times
    hours = [(day, hour) for day in range(7) for hour in range(24)]
    fitting = {(day, hour): fits(wishes, 2, *_moments(day, hour)) for day, hour in hours}
    assert {when for when, match in fitting.items() if match} == {
        *((0, hour) for hour in range(12)),
        *((3, hour) for hour in range(16, 24)),
    }
    assert fitting[0, 9] == Match(2, monday)
    assert fitting[3, 16] == Match(2, thursday)
    assert fits(wishes, 21, *_moments(0, 9)) is None


def test_a_time_that_goes_on_after_the_latest_one_does_not_fit() -> None:
    wishes = read_wishes("until 12:00", RESOURCES)
    begin = datetime(2026, 12, 1, 11, 30)
    assert fits(wishes, 1, begin, datetime(2026, 12, 1, 12))
    assert fits(wishes, 1, begin, datetime(2026, 12, 1, 12, 15)) is None


@pytest.mark.parametrize("note", ["not on Mondays", "not room 2", "no mornings"])
def test_what_is_avoided_does_not_fit_and_the_rest_tells_nothing(note: str) -> None:
    wishes = read_wishes(note, RESOURCES)
    assert fits(wishes, 2, *_moments(0, 9)) is None
    other = fits(wishes, 1, *_moments(1, 15))
    assert other is not None
    assert not other


def test_a_note_without_wishes_fits_everything() -> None:
    assert fits(NoteWishes(), 1, *_moments(0, 9)) == Match()


def _moments(day: int, hour: int) -> tuple[datetime, datetime]:
    """Return an hour in the week from Monday, 30 November 2026."""
    date = (2026, 11, 30) if not day else (2026, 12, day)
    return datetime(*date, hour), datetime(*date, hour, 59)


HOSTILE = (
    "not ",
    "no Mon, ",
    "Mon-",
    "Mo,",
    "after 4 to ",
    "from the the 4-",
    "next Mon or ",
    "only ",
    "the ",
    "1.1.",
    "16:",
    "Room ",
    "Room 2 ",
    "a.m",
    "segunda e ",
    "\u0627\u064b\u0650",
    "a\u0301\u0323",
    "\ufdfa",
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_the_work_grows_with_the_note_up_to_a_bound(piece: str) -> None:
    short, double = (_steps((piece * 2_000)[:length]) for length in (900, 1_800))
    assert double < 2.3 * short + 200
    assert _steps(piece * 64_000) < 2.5 * double


def _steps(note: str) -> int:
    """Count the lines that run while a note is read."""
    read_wishes(note, RESOURCES)
    count = 0

    def step(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return step

    before = sys.gettrace()
    sys.settrace(step)
    try:
        read_wishes(note, RESOURCES)
    finally:
        sys.settrace(before)
    return count


WORDS = st.sampled_from(" ".join([*WISHES, *NOTHING]).split())


@settings(deadline=None)
@given(st.lists(st.one_of(WORDS, st.text(max_size=8)), max_size=30))
def test_any_note_can_be_read_and_its_wishes_can_come_true(words: list[str]) -> None:
    wishes = read_wishes(" ".join(words), RESOURCES)
    assert wishes.resource_ids <= RESOURCES.keys()
    assert not wishes.resource_ids & wishes.avoided_ids
    for wish in (*wishes.times, *wishes.avoided_times):
        assert wish.days <= set(range(7))
        assert wish.days or wish.times
        assert all(0 <= one.begin < one.end <= WHOLE_DAY for one in wish.times)


@settings(deadline=None)
@given(st.sampled_from([RESOURCES[2], RESOURCES[3], RESOURCES[7]]), st.text("abßéا2", min_size=1))
def test_a_name_within_other_words_is_no_resource(name: str, letters: str) -> None:
    assert not read_wishes(name + letters, {1: name}).resource_ids
    assert not read_wishes(letters + name, {1: name}).resource_ids
