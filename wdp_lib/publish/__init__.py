"""Tables, sentences and charts for people, in Chinese and English."""
