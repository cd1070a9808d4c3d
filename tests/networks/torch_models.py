"""Networks in PyTorch as their papers and torchvision's state-dict names define them."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import nn


class Residual(nn.Module):
    """A basic (3x3, 3x3) or a bottleneck (1x1, 3x3, 1x1) block."""

    def __init__(self, channels: int, planes: int, stride: int, bottleneck: bool) -> None:
        super().__init__()
        out = planes * 4 if bottleneck else planes
        if bottleneck:
            self.conv1 = nn.Conv2d(channels, planes, 1, bias=False)
            self.conv2 = nn.Conv2d(planes, planes, 3, stride, 1, bias=False)
            self.conv3 = nn.Conv2d(planes, out, 1, bias=False)
        else:
            self.conv1 = nn.Conv2d(channels, planes, 3, stride, 1, bias=False)
            self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.downsample = None
        if stride != 1 or channels != out:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, out, 1, stride, bias=False), nn.BatchNorm2d(out)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.conv2(self.bn1(self.conv1(x)))
        if hasattr(self, "conv3"):
            y = self.conv3(y)
        return y + (x if self.downsample is None else self.downsample(x))


class ResNet(nn.Module):
    def __init__(self, blocks: tuple[int, ...], bottleneck: bool = False) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        channels = 64
        for stage, count in enumerate(blocks):
            planes = 64 * 2**stage
            layers = []
            for block in range(count):
                stride = 2 if stage and not block else 1
                layers.append(Residual(channels, planes, stride, bottleneck))
                channels = planes * 4 if bottleneck else planes
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(channels, 1000)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.maxpool(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(self.avgpool(x).flatten(1))


class Plain(nn.Module):
    """Features, adaptive pooling, classifier: AlexNet, VGG-16 and MobileNetV2."""

    def __init__(self, features: nn.Sequential, pooled: int, classifier: nn.Sequential) -> None:
        super().__init__()
        self.features = features
        self.avgpool = nn.AdaptiveAvgPool2d(pooled)
        self.classifier = classifier

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classifier(self.avgpool(self.features(x)).flatten(1))


def alexnet() -> Plain:
    features = nn.Sequential(
        nn.Conv2d(3, 64, 11, 4, 2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, 1, 2),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, 1, 1),
        nn.ReLU(),
        nn.Conv2d(384, 256, 3, 1, 1),
        nn.ReLU(),
        nn.Conv2d(256, 256, 3, 1, 1),
        nn.ReLU(),
        nn.MaxPool2d(3, 2),
    )
    classifier = nn.Sequential(
        nn.Dropout(),
        nn.Linear(256 * 36, 4096),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Linear(4096, 1000),
    )
    return Plain(features, 6, classifier)


def vgg16() -> Plain:
    features: list[nn.Module] = []
    channels = 3
    for width, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(count):
            features += [nn.Conv2d(channels, width, 3, 1, 1), nn.ReLU()]
            channels = width
        features.append(nn.MaxPool2d(2, 2))
    classifier = nn.Sequential(
        nn.Linear(512 * 49, 4096),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(4096, 4096),
        nn.ReLU(),
        nn.Dropout(),
        nn.Linear(4096, 1000),
    )
    return Plain(nn.Sequential(*features), 7, classifier)


def _conv_bn(channels: int, filters: int, kernel: int, stride: int, groups: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, filters, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(filters),
    )


class Inverted(nn.Module):
    """An inverted residual: expand, depthwise, project."""

    def __init__(self, channels: int, filters: int, stride: int, expand: int) -> None:
        super().__init__()
        hidden = channels * expand
        layers: list[nn.Module] = [] if expand == 1 else [_conv_bn(channels, hidden, 1, 1, 1)]
        layers += [
            _conv_bn(hidden, hidden, 3, stride, hidden),
            nn.Conv2d(hidden, filters, 1, bias=False),
            nn.BatchNorm2d(filters),
        ]
        self.conv = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv(x)


def mobilenet_v2() -> Plain:
    rows = (
        (1, 16, 1, 1),
        (6, 24, 2, 2),
        (6, 32, 3, 2),
        (6, 64, 4, 2),
        (6, 96, 3, 1),
        (6, 160, 3, 2),
        (6, 320, 1, 1),
    )
    features: list[nn.Module] = [_conv_bn(3, 32, 3, 2, 1)]
    channels = 32
    for expand, filters, count, stride in rows:
        for block in range(count):
            features.append(Inverted(channels, filters, 1 if block else stride, expand))
            channels = filters
    features.append(_conv_bn(channels, 1280, 1, 1, 1))
    return Plain(nn.Sequential(*features), 1, nn.Sequential(nn.Dropout(), nn.Linear(1280, 1000)))


class EncoderBlock(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(768)
        self.self_attention = nn.MultiheadAttention(768, 12, batch_first=True)
        self.ln_2 = nn.LayerNorm(768)
        self.mlp = nn.Sequential(
            nn.Linear(768, 3072), nn.GELU(), nn.Dropout(), nn.Linear(3072, 768), nn.Dropout()
        )


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, 197, 768))
        self.layers = nn.Sequential(
            OrderedDict((f"encoder_layer_{index}", EncoderBlock()) for index in range(12))
        )
        self.ln = nn.LayerNorm(768)


class VisionTransformer(nn.Module):
    """ViT-B/16 as a state dict; the tests need no forward pass of it."""

    def __init__(self) -> None:
        super().__init__()
        self.class_token = nn.Parameter(torch.zeros(1, 1, 768))
        self.conv_proj = nn.Conv2d(3, 768, 16, 16)
        self.encoder = Encoder()
        self.heads = nn.Sequential(OrderedDict(head=nn.Linear(768, 1000)))


class PlumBlock(nn.Module):
    """PLUM's XNOR block: biased convolutions, moved activations, PReLU, average pooling."""

    def __init__(self, channels: int, planes: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, planes, 3, stride, 1)
        self.conv1.register_buffer("v1", torch.zeros(planes))
        self.bn1 = nn.BatchNorm2d(planes)
        self.nonlin1 = nn.PReLU(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, 1, 1)
        self.move10 = nn.Module()
        self.move10.bias = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.shortcut = nn.Sequential()
        if stride != 1:
            self.shortcut = nn.Sequential(
                nn.AvgPool2d(2, stride),
                nn.Conv2d(channels, planes, 1, bias=False),
                nn.BatchNorm2d(planes),
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.conv2(self.nonlin1(self.bn1(self.conv1(x)))) + self.shortcut(x)


class PlumResNet(nn.Module):
    """PLUM's ResNet-18: the stem is registered twice."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.bn1 = nn.BatchNorm2d(64)
        self.blocks = nn.ModuleList([nn.Sequential(self.conv1, self.bn1, nn.ReLU(), self.maxpool)])
        channels = 64
        for stage in range(4):
            for block in range(2):
                planes = 64 * 2**stage
                self.blocks.append(PlumBlock(channels, planes, 2 if stage and not block else 1))
                channels = planes
        self.linear_classifier = nn.Sequential(
            nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten(), nn.Linear(channels, 1000)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        for block in self.blocks:
            x = block(x)
        return self.linear_classifier(x)
