"""The whole configuration: every section, each with the model of the part it is for."""

from __future__ import annotations

from pydantic import Field

from appservice.accounts.settings import AccountsSettings
from appservice.commands.settings import CommandsSettings
from appservice.config.sections import (
    AppserviceSection,
    DatabaseSection,
    HomeserverSection,
    LoggingSection,
)
from appservice.contacts.settings import ContactsSettings
from appservice.diary.settings import DiarySettings
from appservice.language import Language
from appservice.rooms.kinds.settings import RoomsSettings
from appservice.rooms.planning.safety import SafetySettings
from appservice.school.settings import RosterSettings, Section
from appservice.upkeep.settings import SyncSettings
from appservice.web.diary_page.settings import PageSettings
from appservice.web.settings import MetricsSettings
from appservice.year.settings import CalendarSettings


class Config(Section):
    """What config.yaml says. Paths are whole: relative ones start at the file's own folder."""

    # What is spoken at the terminal and in the log, unless --lang says otherwise.
    language: Language | None = None
    homeserver: HomeserverSection
    appservice: AppserviceSection = Field(default_factory=AppserviceSection)
    database: DatabaseSection = Field(default_factory=DatabaseSection)
    roster: RosterSettings
    rooms: RoomsSettings = Field(default_factory=RoomsSettings)
    contacts: ContactsSettings = Field(default_factory=ContactsSettings)
    calendar: CalendarSettings = Field(default_factory=CalendarSettings)
    accounts: AccountsSettings = Field(default_factory=AccountsSettings)
    safety: SafetySettings = Field(default_factory=SafetySettings)
    sync: SyncSettings = Field(default_factory=SyncSettings)
    diary: DiarySettings = Field(default_factory=DiarySettings)
    commands: CommandsSettings = Field(default_factory=CommandsSettings)
    page: PageSettings = Field(default_factory=PageSettings)
    logging: LoggingSection = Field(default_factory=LoggingSection)
    metrics: MetricsSettings = Field(default_factory=MetricsSettings)

    @property
    def bot(self) -> str:
        """The bot's user id."""
        return f"@{self.appservice.bot}:{self.homeserver.server_name}"
