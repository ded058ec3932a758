"""Does a passage support a sentence? Do two statements disagree?"""
