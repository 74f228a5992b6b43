"""A stand-in provider: it speaks the real protocol over real HTTP and answers from the prompt.

``words`` splits text into terms, ``faq`` splits a prompt into passages, ``search`` finds the
passages that fit a question, ``answers`` says them, ``judging`` answers who asks for a verdict;
all five are pure. ``server`` speaks HTTP.
It knows neither Django nor the engine, which meets it as it meets any other provider.
"""
