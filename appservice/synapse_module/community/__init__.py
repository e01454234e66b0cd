"""Who may write to whom on this homeserver: keeps the policy, and answers for it inside Synapse.

Every Synapse process reads the policy from Synapse's own database. A verdict makes no network call
and never raises. What a verdict comes to (policy, decisions) is pure; Synapse is in the rest.
"""
