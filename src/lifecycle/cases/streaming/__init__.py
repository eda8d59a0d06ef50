"""What to watch next: rankings from everybody's history, judged by what people do with them.

`audience` makes viewers, titles and evenings in which the truth is known; `rankers` puts titles in order by what is popular,
by what resembles, and by a small network, and says how good an order is; `experiment` shows two orders to two groups of
viewers, and counts what the wrong and the right metric would have counted.
"""
