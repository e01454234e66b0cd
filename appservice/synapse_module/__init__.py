"""What runs inside Synapse: the school's door to it.

This folder is loaded by a Synapse process, on the Python and the Synapse that its administrator
has. It may import Synapse, what Synapse itself depends on, and the standard library; it may not
import anything of the rest of the project, and nothing of the project imports it. It is written
for Python 3.10 and later, imports itself relatively, and so can also be copied as one folder.

In homeserver.yaml: `module: appservice.synapse_module.SchoolSpacesModule`.
"""

from .module import SchoolSpacesModule

__all__ = ["SchoolSpacesModule"]
