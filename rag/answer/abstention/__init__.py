"""Do the notes hold the answer?"""
