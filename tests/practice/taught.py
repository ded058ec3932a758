# ruff: noqa: E501  (a note's paragraphs are lines)
"""A note whose questions name their points by id, and a coach over it."""

NOTE = """---
title: LoRA 低秩适配
title_en: LoRA
aliases: [LoRA]
tags: [peft]
key_points:
  - {id: freeze, text: 冻结预训练权重，只训练两个低秩矩阵 A 和 B, section: 原理, weight: must}
  - {id: zero, text: B 初始化为零，使训练开始时更新量为零, section: 初始化, weight: must}
  - {id: merge, text: 训练完可以把 BA 合并进权重，推理不增加延迟, section: 推理, weight: must}
  - {id: limit, text: 更新被限制在低秩空间，学大量新知识时不如全参数微调, section: 局限, weight: good}
  - {id: rank, text: 秩 r 通常取 8 到 64, section: 原理, weight: good}
questions:
  - {text: 讲讲 LoRA 的原理, points: [freeze, zero]}
  - {text: B 矩阵怎么初始化, points: [zero]}
  - {text: 为什么 LoRA 推理不变慢？, points: [merge]}
  - {text: LoRA 的缺点是什么？, points: [limit]}
  - {text: LoRA 的秩一般取多少？, points: [rank]}
---
# LoRA 低秩适配

## 原理
LoRA 冻结预训练权重，只训练两个低秩矩阵 A 和 B，用它们的乘积表示权重的变化。这样可训练的参数常不到总量的百分之一，所以优化器状态占的显存也少得多。LoRA 的秩 r 通常取 8 到 64，秩越大表达能力越强，显存也占得越多。

## 初始化
矩阵 B 初始化为零，使训练开始时更新量为零，模型从原来的状态出发。矩阵 A 用随机数初始化，否则两个矩阵的梯度都会是零，训练就停在原地。

## 推理
训练完可以把 BA 合并进权重，因此推理不增加延迟。如果不合并，同一个基座可以在多个适配器之间切换，代价是每层多算一次小矩阵乘法。

## 局限
更新被限制在低秩空间，学大量新知识时不如全参数微调，不过遗忘也更少。
"""


def taught(assistant, corpus):
    (corpus / "lora.md").write_text(NOTE, "utf-8")
    assistant.build()
    return assistant.coach("none")


def topic_of(coach):
    return next(topic for topic in coach.topics if topic.note == "lora.md")


def asked(coach, place=0):
    topic = topic_of(coach)
    return coach.exercise_on(topic, "zh", topic.asked[place])
