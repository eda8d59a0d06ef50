"""Is the service quick and alive, and who is told when it is not: objectives, alerts, metrics, logs, pipelines.

Nothing here knows that a model stands behind the service. That is the point: what operations has learnt about any service
carries over, and it carries over no further than this room.
"""
