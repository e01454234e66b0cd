"""The built-in room kinds, as they would stand under `rooms: kinds:` in the configuration, which is
laid over them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_EVERYONE: Final = {
    "school_admin": 75,
    "class_teacher": 0,
    "teacher": 0,
    "staff": 0,
    "guardian": 0,
    "student": 0,
    "observer": 0,
}
_WHOLE_CLASS: Final = {**_EVERYONE, "class_teacher": 50, "teacher": 25}
# Nobody talks in a space itself.
_SPACE: Final = {"space": True, "post": 100, "calls": 100}

DEFAULT_KINDS: Final[Mapping[str, Mapping[str, object]]] = {
    "school_space": {
        "for": "school",
        **_SPACE,
        "name": {"ru": "{school}", "en": "{school}"},
        "topic": {"ru": "Пространство школы", "en": "The space of the school"},
        "members": _EVERYONE,
    },
    "announcements": {
        "for": "school",
        "parent": "school_space",
        "order": "10",
        "name": {"ru": "Объявления школы", "en": "School announcements"},
        "topic": {
            "ru": "Пишет администрация школы, читают все",
            "en": "The school's administration writes, everyone reads",
        },
        "members": _EVERYONE,
        "post": 50,
    },
    "school_guardians": {
        "for": "school",
        "parent": "school_space",
        "order": "12",
        "name": {"ru": "Родителям", "en": "For guardians"},
        "topic": {
            "ru": "Сообщения школы всем родителям",
            "en": "From the school to the guardians of all students",
        },
        "members": {"school_admin": 75, "guardian": 0},
        "post": 50,
    },
    "school_students": {
        "for": "school",
        "parent": "school_space",
        "order": "14",
        "name": {"ru": "Ученикам", "en": "For students"},
        "topic": {
            "ru": "Сообщения школы всем ученикам",
            "en": "From the school to all students",
        },
        "members": {"school_admin": 75, "student": 0},
        "post": 50,
    },
    "staff_room": {
        "for": "school",
        "parent": "school_space",
        "order": "20",
        "name": {"ru": "Учительская", "en": "Staff room"},
        "topic": {"ru": "Для работников школы", "en": "For those who work at the school"},
        "members": {"school_admin": 75, "class_teacher": 50, "teacher": 50, "staff": 0},
    },
    "class_space": {
        "for": "class",
        **_SPACE,
        "parent": "school_space",
        "order": "30",
        "name": {"ru": "{label}", "en": "{label}"},
        "topic": {"ru": "Класс {label}, {school}", "en": "Class {label}, {school}"},
        "members": _WHOLE_CLASS,
    },
    "class_announcements": {
        "for": "class",
        "diary": True,
        "parent": "class_space",
        "order": "10",
        "name": {"ru": "{label}: объявления", "en": "{label}: announcements"},
        "topic": {
            "ru": "Пишут учителя, читают ученики и родители",
            "en": "Teachers write, students and guardians read",
        },
        "members": _WHOLE_CLASS,
        "post": 25,
    },
    "class_chat": {
        "for": "class",
        "diary": True,
        "parent": "class_space",
        "order": "20",
        "name": {"ru": "{label}: чат класса", "en": "{label}: class chat"},
        "topic": {
            "ru": "Ученики и учителя класса",
            "en": "The students of the class and their teachers",
        },
        "members": {
            "school_admin": 75,
            "class_teacher": 50,
            "teacher": 25,
            "staff": 0,
            "student": 0,
            "observer": -1,
        },
    },
    "guardians_with_teacher": {
        "for": "class",
        "diary": True,
        "parent": "class_space",
        "order": "30",
        "name": {
            "ru": "{label}: родители и классный руководитель",
            "en": "{label}: guardians and class teacher",
        },
        "topic": {
            "ru": "Родители учеников и классный руководитель",
            "en": "The guardians of the class and the class teacher",
        },
        "members": {"school_admin": 75, "class_teacher": 50, "guardian": 0},
    },
    "guardians_only": {
        "for": "class",
        "parent": "class_space",
        "order": "32",
        "name": {"ru": "{label}: родители", "en": "{label}: guardians"},
        "topic": {
            "ru": "Только родители: ни учителей, ни администрации школы здесь нет",
            "en": "Guardians only: neither teachers nor the school's administration are here",
        },
        "members": {"guardian": 0, "moderator": 50},
    },
    "subject_room": {
        "for": "subject",
        "parent": "class_space",
        "order": "40",
        "name": {"ru": "{label}: {title}", "en": "{label}: {title}"},
        "topic": {"ru": "{subject}, класс {label}", "en": "{subject}, class {label}"},
        "members": {
            "school_admin": 75,
            "class_teacher": 50,
            "teacher": 50,
            "staff": 0,
            "student": 0,
            "observer": -1,
        },
    },
    "mixed_group": {
        "for": "mixed_group",
        "parent": "school_space",
        "order": "40",
        "name": {"ru": "{title}", "en": "{title}"},
        "topic": {"ru": "{subject} {label}", "en": "{subject} {label}"},
        "members": {
            "school_admin": 75,
            "class_teacher": 50,
            "teacher": 50,
            "staff": 0,
            "student": 0,
            "observer": -1,
        },
    },
    "club": {
        "for": "club",
        "parent": "school_space",
        "order": "50",
        "name": {"ru": "{title}", "en": "{title}"},
        "topic": {"ru": "Кружок или совет, {school}", "en": "A club or council, {school}"},
        "members": {
            "school_admin": 75,
            "teacher": 50,
            "staff": 50,
            "moderator": 50,
            "guardian_member": 0,
            "student": 0,
            "observer": -1,
        },
    },
}
