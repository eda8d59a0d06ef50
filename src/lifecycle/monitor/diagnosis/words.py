"""What each kind of incident means, and what to do about it."""

EXPLANATIONS = {
    "none": "Nothing stands out: inputs, outcomes, times and log are as they were, as far as so many rows can tell.",
    "covariate": "Since day {since} other clients come: {features} moved, and outcomes are what the scores promise for such "
    "clients.",
    "prior": "Since day {since} the target's frequency is another: within each outcome the inputs are as they were, and "
    "outcomes differ from what the scores promise.",
    "concept": "Since day {since} the same inputs lead to other outcomes: the inputs stand still, and the scores no longer "
    "order the outcomes as they did.",
    "broken_feed": "Since day {since} {features} arrives stuck: one value, or a column that was there before, comes again. "
    "The other inputs stand still.",
    "unit_change": "Since day {since} {features} arrives in another unit: the values are a round factor away from where "
    "they were. The other inputs stand still.",
    "silent_null": "Since day {since} {features} is 0 too often: missing values seem to arrive as the default. The other "
    "inputs stand still.",
    "latency": "Since day {since} the service is slower or fails more often; what it answers is as it was.",
    "log_anomaly": "Since day {since} the log says something new, or says something much more or less often than before.",
}
"""With the places ``{since}`` and ``{features}``."""

ACTIONS = {
    "none": "Keep watching.",
    "covariate": "Look who the new clients are, and at the results among them; reweight or retrain where these are worse. "
    "No hurry as long as chances come true.",
    "prior": "Correct the chances for the new frequency, set the threshold anew, and retrain when the outcomes are in.",
    "concept": "Leave the cases concerned to a rule or to people, and retrain on outcomes since that day only.",
    "broken_feed": "Do not retrain. Have the source repaired, fill in the column, and score what came since that day again.",
    "unit_change": "Do not retrain. Agree on the unit with the source, convert, and score what came since that day again.",
    "silent_null": "Do not retrain. Find out why the values are missing, and let a missing value be missing, not 0.",
    "latency": "Page whoever runs the service: scale up or roll back. Wrong answers would have another cause.",
    "log_anomaly": "Read the lines, stop the pipeline step that they come from, and run it again before the next deadline.",
}
