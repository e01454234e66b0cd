"""The names of invented people, Russian and English, and their spelling in an e-mail address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from appservice.language import Language

Sex = Literal["female", "male"]


class FullName(NamedTuple):
    family_name: str
    given_name: str
    patronymic: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """`families` are male forms; `patronymics`: a father's given name → his children's."""

    families: tuple[str, ...]
    children: dict[Sex, tuple[str, ...]]
    adults: dict[Sex, tuple[str, ...]]
    patronymics: dict[str, dict[Sex, str]]

    def name(self, sex: Sex, family: str, given: str, father: str) -> FullName:
        patronymic = self.patronymics.get(father, {}).get(sex, "")
        return FullName(feminine(family) if sex == "female" else family, given, patronymic)


def feminine(family: str) -> str:
    """How a woman of the family is called: Иванова, Чайковская, Толстая, but Шевченко and Smith."""
    if family.endswith(("ов", "ев", "ёв", "ин", "ын")):
        return f"{family}а"
    if family.endswith(("ий", "ый", "ой")):
        return f"{family[:-2]}ая"
    return family


def latin(name: str) -> str:
    """A name in small Latin letters (ICAO 9303), for an e-mail address."""
    return name.lower().translate(_LATIN).replace("'", "").replace(" ", "")


_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
_SPELLED = "a b v g d e e zh z i i k l m n o p r s t u f kh ts ch sh shch ie y - e iu ia"
_LATIN = str.maketrans(dict(zip(_CYRILLIC, _SPELLED.replace("-", "").split(" "), strict=True)))


def _russian() -> Names:
    fathers = [line.split() for line in _FATHERS.strip().splitlines()]
    return Names(
        families=tuple(_FAMILIES.split()),
        children={"female": tuple(_GIRLS.split()), "male": tuple(_BOYS.split())},
        adults={
            "female": tuple(_WOMEN.split()),
            "male": tuple(name for name, _son, _daughter in fathers),
        },
        patronymics={name: {"male": son, "female": daughter} for name, son, daughter in fathers},
    )


def _english() -> Names:
    return Names(
        families=tuple(_ENGLISH_FAMILIES.split()),
        children={"female": tuple(_ENGLISH_GIRLS.split()), "male": tuple(_ENGLISH_BOYS.split())},
        adults={"female": tuple(_ENGLISH_WOMEN.split()), "male": tuple(_ENGLISH_MEN.split())},
        patronymics={},
    )


_FAMILIES = """
Абрамов Агафонов Акимов Алексеев Андреев Антонов Архипов Афанасьев Баранов Белов Беляев Белозёров
Богданов Большаков Борисов Быков Васильев Виноградов Власов Волков Воробьёв Воронин Гаврилов
Герасимов Голубев Горбачёв Горшков Григорьев Громов Гусев Давыдов Данилов Денисов Дмитриев Дорофеев
Егоров Елисеев Ершов Ефимов Жданов Жуков Журавлёв Зайцев Захаров Зимин Иванов Игнатьев Ильин Исаев
Казаков Калинин Карпов Киселёв Климов Ковалёв Козлов Колесников Комаров Кондратьев Коновалов Королёв
Костин Котов Кошелев Краснов Крылов Кудрявцев Кузнецов Кузьмин Куликов Лазарев Лебедев Логинов Лукин
Макаров Максимов Малышев Марков Мартынов Матвеев Медведев Мельников Миронов Михайлов Морозов Мухин
Назаров Наумов Некрасов Нестеров Никитин Николаев Никифоров Новиков Овчинников Одинцов Орехов Орлов
Осипов Павлов Панов Пахомов Петров Поляков Пономарёв Попов Потапов Прохоров Родионов Рожков Романов
Рыбаков Савельев Савин Самойлов Сафонов Селезнёв Семёнов Сергеев Сидоров Симонов Смирнов Соболев
Соколов Соловьёв Сорокин Степанов Субботин Суворов Суханов Тарасов Тимофеев Титов Тихонов Третьяков
Трофимов Туманов Уваров Ушаков Фадеев Фёдоров Филатов Филиппов Фомин Фролов Харитонов Хохлов Цветков
Чернов Чернышёв Шаров Шестаков Широков Шубин Щербаков Юдин Яковлев Ярцев
Белинский Вишневский Домбровский Заболоцкий Каменский Красовский Левицкий Маковский Островский
Покровский Раевский Сикорский Соболевский Троицкий Яворский Донской Луговой Толстой Полевой
Бондаренко Савченко Ткаченко Шевченко Ковальчук Мельничук Черных Седых Русских
Галиев Хасанов Сафин Юсупов Ахметов Мамедов Петросян Саркисян Ким Пак
"""

_GIRLS = """
Агата Алина Алиса Анастасия Ангелина Анна Арина Валерия Варвара Василиса Вера Вероника Виктория
Дарья Диана Ева Екатерина Елизавета Злата Камилла Кира Ксения Лидия Любовь Маргарита Мария Марьяна
Милана Мирослава Надежда Николь Полина Серафима София Стефания Таисия Ульяна Эмилия Юлия Яна
"""

_BOYS = """
Александр Алексей Андрей Арсений Артём Богдан Вадим Василий Виктор Владимир Владислав Георгий Герман
Глеб Григорий Даниил Демид Денис Дмитрий Евгений Егор Иван Илья Кирилл Константин Лев Леонид Лука
Макар Максим Марк Матвей Михаил Никита Николай Олег Павел Пётр Платон Роман Савелий Святослав
Семён Сергей Степан Тимофей Тимур Фёдор Ярослав
"""

_WOMEN = """
Александра Алла Анастасия Анна Валентина Вера Виктория Галина Дарья Евгения Екатерина Елена Жанна
Зоя Инна Ирина Кристина Ксения Лариса Лидия Людмила Любовь Маргарита Марина Мария Надежда Наталья
Нина Оксана Ольга Полина Раиса Светлана Софья Тамара Татьяна Юлия Яна
"""

_FATHERS = """
Александр Александрович Александровна
Алексей Алексеевич Алексеевна
Анатолий Анатольевич Анатольевна
Андрей Андреевич Андреевна
Антон Антонович Антоновна
Артём Артёмович Артёмовна
Борис Борисович Борисовна
Вадим Вадимович Вадимовна
Валерий Валерьевич Валерьевна
Василий Васильевич Васильевна
Виктор Викторович Викторовна
Виталий Витальевич Витальевна
Владимир Владимирович Владимировна
Владислав Владиславович Владиславовна
Вячеслав Вячеславович Вячеславовна
Геннадий Геннадьевич Геннадьевна
Георгий Георгиевич Георгиевна
Григорий Григорьевич Григорьевна
Денис Денисович Денисовна
Дмитрий Дмитриевич Дмитриевна
Евгений Евгеньевич Евгеньевна
Иван Иванович Ивановна
Игорь Игоревич Игоревна
Илья Ильич Ильинична
Кирилл Кириллович Кирилловна
Константин Константинович Константиновна
Леонид Леонидович Леонидовна
Максим Максимович Максимовна
Михаил Михайлович Михайловна
Никита Никитич Никитична
Николай Николаевич Николаевна
Олег Олегович Олеговна
Павел Павлович Павловна
Пётр Петрович Петровна
Роман Романович Романовна
Руслан Русланович Руслановна
Сергей Сергеевич Сергеевна
Станислав Станиславович Станиславовна
Степан Степанович Степановна
Юрий Юрьевич Юрьевна
Ярослав Ярославович Ярославовна
"""

_ENGLISH_FAMILIES = """
Adams Allen Anderson Armstrong Bailey Baker Barnes Bell Bennett Brooks Brown Burns Butler Campbell
Carter Clark Clarke Cole Collins Cook Cooper Cox Craig Cunningham Davies Davis Dixon Edwards Elliott
Ellis Evans Fisher Fletcher Ford Foster Fox Gibson Gordon Graham Grant Gray Green Griffiths Hall
Hamilton Harper Harris Harrison Hart Henderson Hill Holmes Howard Hughes Hunt Hunter Jackson James
Jenkins Johnson Johnston Jones Kelly Kennedy Khan King Knight Lawrence Lee Lewis Lloyd MacDonald
Marshall Martin Mason Matthews Miller Mills Mitchell Moore Morgan Morris Murphy Murray Nelson
O'Brien Owen Palmer Parker Patel Payne Pearson Phillips Powell Price Reid Reynolds Richards
Richardson Roberts Robertson Robinson Rogers Rose Ross Russell Ryan Saunders Scott Shaw Simpson
Singh Smith Spencer Stevens Stewart Stone Taylor Thomas Thompson Thomson Turner Walker Wallace
Walsh Ward Watson Webb Wells West White Wilkinson Williams Wilson Wood Wright Young
"""

_ENGLISH_GIRLS = """
Abigail Alice Amelia Aria Ava Bella Charlotte Chloe Daisy Eleanor Eliza Ella Emily Erin Eva Evie
Florence Freya Grace Hannah Harriet Imogen Isabelle Isla Ivy Jasmine Lily Lola Lucy Matilda Mia
Millie Molly Nancy Olivia Orla Phoebe Poppy Rosie Ruby Scarlett Sienna Sophia Thea Violet Willow
Zara
"""

_ENGLISH_BOYS = """
Albert Alfie Archie Arthur Benjamin Callum Charlie Daniel David Dylan Edward Ethan Felix Finley
Freddie George Harrison Harry Henry Hugo Isaac Jack Jacob Jake Joseph Joshua Jude Leo Liam Logan
Louis Lucas Max Mohammed Nathan Noah Oliver Oscar Reuben Roman Rory Samuel Sebastian Sonny Stanley
Theo Toby Tommy William Zachary
"""

_ENGLISH_WOMEN = """
Alison Amanda Andrea Angela Anna Beverley Caroline Catherine Claire Deborah Diane Donna Elaine
Elizabeth Emma Fiona Gillian Hannah Heather Helen Jane Janet Jennifer Joanna Judith Julie Karen
Katherine Laura Linda Lisa Louise Margaret Maria Melanie Michelle Natalie Nicola Patricia Paula
Rachel Rebecca Ruth Samantha Sarah Sharon Susan Tracey Vanessa Victoria Wendy
"""

_ENGLISH_MEN = """
Adam Adrian Alan Alexander Andrew Anthony Barry Benjamin Brian Christopher Colin Craig Daniel
Darren David Dean Derek Duncan Edward Gareth Gary Geoffrey Graham Gregory Ian James Jason Jeremy
John Jonathan Justin Keith Kenneth Kevin Lee Marcus Mark Martin Matthew Michael Neil Nicholas Nigel
Paul Peter Philip Richard Robert Roger Russell Ryan Simon Stephen Stuart Thomas Timothy Wayne
"""

NAMES: dict[Language, Names] = {"ru": _russian(), "en": _english()}
