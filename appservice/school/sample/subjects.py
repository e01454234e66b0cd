"""What is taught in which grade, and who teaches it."""

from __future__ import annotations

from typing import NamedTuple

from appservice.language import Language

HOME = "home"  # taught by the class teacher of a primary class
DEPARTMENTS = ("languages", "mathematics", "history", "foreign", "science", "sport", "arts")


class Subject(NamedTuple):
    """`first` and `last` are grades; the names are by language."""

    russian: str
    english: str
    department: str
    first: int
    last: int

    def name(self, language: Language) -> str:
        return self.russian if language == "ru" else self.english


# An English school's own language is English, its foreign one French.
# The most important first: a class that has fewer subjects has the first of these.
_SUBJECTS = (
    Subject("Русский язык", "English", HOME, 1, 4),
    Subject("Математика", "Mathematics", HOME, 1, 4),
    Subject("Литературное чтение", "Reading", HOME, 1, 4),
    Subject("Окружающий мир", "The World Around Us", HOME, 1, 4),
    Subject("Русский язык", "English", "languages", 5, 11),
    Subject("Математика", "Mathematics", "mathematics", 5, 6),
    Subject("Алгебра", "Algebra", "mathematics", 7, 11),
    Subject("Литература", "Literature", "languages", 5, 11),
    Subject("Английский язык", "French", "foreign", 2, 11),
    Subject("История", "History", "history", 5, 11),
    Subject("Физическая культура", "Physical Education", "sport", 1, 11),
    Subject("Геометрия", "Geometry", "mathematics", 7, 11),
    Subject("Физика", "Physics", "science", 7, 11),
    Subject("Биология", "Biology", "science", 5, 11),
    Subject("География", "Geography", "science", 5, 11),
    Subject("Химия", "Chemistry", "science", 8, 11),
    Subject("Изобразительное искусство", "Art", "arts", 1, 7),
    Subject("Музыка", "Music", "arts", 1, 7),
    Subject("Обществознание", "Social Studies", "history", 6, 11),
    Subject("Информатика", "Computer Science", "mathematics", 5, 11),
    Subject("Труд", "Crafts", "arts", 1, 9),
    Subject("Основы безопасности и защиты Родины", "Safety", "sport", 8, 11),
    Subject("Вероятность и статистика", "Probability and Statistics", "mathematics", 7, 11),
    Subject("Основы религиозных культур и светской этики", "Ethics", "history", 4, 4),
    Subject("Функциональная грамотность", "Everyday Literacy", HOME, 1, 4),
    Subject("Разговоры о важном", "Conversations That Matter", "history", 1, 11),
    Subject("Шахматы", "Chess", HOME, 1, 4),
    Subject("Театральная студия", "Drama", "arts", 1, 6),
    Subject("Проектная деятельность", "Project Work", "science", 1, 11),
    Subject("Хор", "Choir", "arts", 1, 6),
    Subject("Профориентация", "Careers", "history", 6, 11),
    Subject("Финансовая грамотность", "Personal Finance", "mathematics", 1, 11),
)


def subjects_of(grade: int, count: int) -> list[Subject]:
    """The subjects of a class, `count` of them."""
    return [subject for subject in _SUBJECTS if subject.first <= grade <= subject.last][:count]


MOST_SUBJECTS = min(len(subjects_of(grade, len(_SUBJECTS))) for grade in range(1, 12))
