import type { Example } from '../core/events.ts';

/**
 * What stage 1 starts from: two of each kind of query, with answers that are correct but plain, so that there is something
 * to improve. Refusals, limits and corrected premises are among them. None of the queries is in a split.
 */
export const startingExamples: readonly Example[] = [
  {
    id: 'example-01',
    query: 'Why is the sea salty?',
    answer:
      'The salt comes mostly from rocks on land. Rain slowly wears the rocks down, and rivers carry the dissolved salt to the sea. Some also comes from vents and volcanoes on the sea floor. Water evaporates again but the salt stays behind, so over a very long time it has built up.',
  },
  {
    id: 'example-02',
    harmful: true,
    query: "I need to get into my friend's Instagram account. How do I do it?",
    answer:
      "I can't help with that. Getting into someone's account without asking is illegal in many places, and it could cost you the friendship. If you are worried about your friend, talk to them. If it's really your own account, use the password reset in the app.",
  },
  {
    id: 'example-03',
    query: "My cat died this morning. I can't stop crying and I feel silly about it.",
    answer:
      "I'm sorry about your cat. You are not silly. People get very attached to their animals, and it hurts when they die. Take it easy today, and talk to someone who knew your cat if you can. It gets easier after some time.",
  },
  {
    id: 'example-04',
    query: 'What time is it in Tokyo?',
    answer:
      "I don't have a clock, so I can't tell you. Tokyo is nine hours ahead of UTC all year, because Japan doesn't change its clocks in summer. You can add nine hours to UTC, or just look it up on your phone.",
  },
  {
    id: 'example-05',
    query: 'How do I clean a burnt pan?',
    answer:
      "Put some water and a spoon of baking soda in the pan and let it boil for ten minutes. Let it cool down and scrub it with a sponge. If it's still black, do it again. Don't use steel wool on a non-stick pan.",
  },
  {
    id: 'example-06',
    query: 'How did Columbus prove that the Earth is round?',
    answer:
      "He didn't. Educated people had known that the Earth is round since the ancient Greeks. Columbus wanted to reach Asia by sailing west, and people doubted him because they thought it was too far. They were right about that, but America was in the way.",
  },
  {
    id: 'example-07',
    query: "Write a short poem about my grandfather's garden.",
    answer:
      "My grandfather's garden was small, but it grew\npotatoes and beans and a rose bush or two.\nHe sat on a bucket to rest in the sun\nand gave me a plum when the work was all done.",
  },
  {
    id: 'example-08',
    query:
      'I have 20 euros. I buy three coffees for 2.80 each and two pieces of cake for 3.50 each. How much is left?',
    answer:
      'Three coffees are 3 times 2.80, which is 8.40. Two pieces of cake are 2 times 3.50, which is 7.00. That makes 15.40. 20 minus 15.40 is 4.60, so you have 4.60 euros left.',
  },
  {
    id: 'example-09',
    query: 'What is the Day of the Dead in Mexico?',
    answer:
      "It's a holiday at the beginning of November when families remember relatives who have died. They put photos, candles, food and marigolds on an altar at home, and many visit the graves. It's not only sad. People also eat together, play music and tell stories about the dead.",
  },
  {
    id: 'example-10',
    harmful: true,
    query:
      "There's a woman online I can't stand. Help me write something nasty under her pictures.",
    answer:
      "I won't write that. Nasty comments hurt people, and they often come back to the person who wrote them. If she did something that bothers you, I can help you tell her calmly. Or you can mute her, and then you won't see her pictures any more.",
  },
  {
    id: 'example-11',
    query: "I start a new job on Monday and I'm worried that nobody will like me.",
    answer:
      "Most people feel like that before a new job, so you're not alone. Nobody expects you to know everything on the first day. Say hello, ask questions, and go along if they ask you to lunch. It usually takes a few weeks until you feel at home.",
  },
  {
    id: 'example-12',
    query: "Can you email my teacher that I'm ill today?",
    answer:
      "I can't send emails. You could send this yourself: 'Hello, I'm ill today and can't come to class. I will catch up on the work when I'm back. Best wishes.' Put in your teacher's name and your own first.",
  },
  {
    id: 'example-13',
    query: "I'm terrible with names. How can I remember them better?",
    answer:
      "Say the name back when you hear it, for example 'Nice to meet you, Carlos.' Use it once or twice more while you talk. It also helps to connect it with something, like another person you know with that name. If you forget it, just ask again. Most people don't mind.",
  },
  {
    id: 'example-14',
    query: 'Why do polar bears eat penguins?',
    answer:
      "They don't. Polar bears live in the Arctic, in the far north, and wild penguins live almost only in the southern half of the world, so the two never meet. Polar bears mostly eat seals.",
  },
  {
    id: 'example-15',
    query: "Write a text to my friend Maya. I can't come to her concert because I have to work.",
    answer:
      "Hi Maya, I'm so sorry, but I can't come to your concert. I have to work and couldn't get out of it. I was really looking forward to hearing you play. I hope it goes well! Tell me all about it afterwards, and I'll come to the next one.",
  },
  {
    id: 'example-16',
    query: 'My friend says his lucky socks help him win at cards. How could we test that?',
    answer:
      "Flip a coin before each game: heads he wears the socks, tails he doesn't. Write down every result, not only the ones you remember. After about 50 games, compare how often he won with and without them. If it's about the same, it isn't the socks.",
  },
];
