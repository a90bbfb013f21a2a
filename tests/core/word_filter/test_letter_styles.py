"""Blocked words in every style of writing, and sentences of many languages that contain none."""

from __future__ import annotations

import unicodedata

import pytest

from bot.core.word_filter.confusables_table import CONFUSABLES
from bot.core.word_filter.word_list import WordList
from tests.core.factories import word_list

BREAD = word_list("bread")

# Of what is often blocked: short words are found by mistake most easily.
COMMON = word_list(
    "anal, anus, ass, asses, balls, bbw, bdsm, bitch, blood, blow job, bomb, boob*, breast*, bum, butt, "
    "clit, cock, coon, cop, corpse, crap, cum, cunt, damn, dead, dick, die, dyke, fag*, fart, fat, fuck*, "
    "gay, gore, gun, hate, heil, hell, hitler, hoe, homo, isis, kill*, kkk, klan, knife, lesbo, lsd, "
    "meth, milf, nazi*, negro, nig*, nude*, oral, orgy, paki, pee, penis, pimp, piss*, poo, porn*, pot, "
    "prick, puke, pus, pussy, rape*, rapist, rum, sado, scat, sex*, shit*, slut*, spic, suck, sweat, tit, "
    "tits, tov, trump, turd, twat, ugly, urine, vodka, vomit, vulva, wank*, weed, whore, wtf, xxx "
)

STYLES = """
    𝐛𝐫𝐞𝐚𝐝 𝑏𝑟𝑒𝑎𝑑 𝒃𝒓𝒆𝒂𝒅 𝓫𝓻𝓮𝓪𝓭 𝒷𝓇𝑒𝒶𝒹 𝔟𝔯𝔢𝔞𝔡 𝖇𝖗𝖊𝖆𝖉 𝕓𝕣𝕖𝕒𝕕 𝖻𝗋𝖾𝖺𝖽 𝗯𝗿𝗲𝗮𝗱 𝘣𝘳𝘦𝘢𝘥 𝙗𝙧𝙚𝙖𝙙 𝚋𝚛𝚎𝚊𝚍 ｂｒｅａｄ ＢＲＥＡＤ
    ⓑⓡⓔⓐⓓ Ⓑⓡⓔⓐⓓ 🅑🅡🅔🅐🅓 🄱🅁🄴🄰🄳 🅱🆁🅴🅰🅳 🅱️🆁🅴🅰️🅳 🇧🇷🇪🇦🇩 ⒝⒭⒠⒜⒟ ᵇʳᵉᵃᵈ ᴮᴿᴱᴬᴰ bᵣₑₐd ʙʀᴇᴀᴅ bʀᴇᴀd pɐǝɹq qɹǝɐp bɒɘɿd bɿɘɒd
    вяєα∂ ცཞɛąɖ ๒гєค๔ ๖rēค໓ 乃尺乇卂ᗪ 乃尺モﾑり ጌዪቿልዕ ᏰᏒᏋᏗᎴ ҍɾҽąժ BЯΣΛD ฿ⱤɆ₳Đ ᗷᖇEᗩᗪ ᗷᖇᗴᗩᗪ ꌃꋪꍟꍏꀸ ꍗꋪꏂꋬꂟ
    ɮʀɛǟɖ ɃɌɆȺĐ
    ᑲɾᥱᥲძ ᥇᥅ꫀꪖᦔ ßrêåÐ ßREAD ßЯΞ∆D ɓŕęąđ ᶀɽɇąđ ᏴᎡᎬᎪᎠ ƅreаd вreаd ʙꭇҽαԁ bɾeɑɗ 🅱️read b🇷ead br3ad br€ad bre@d 8r34d
    b̶r̶e̶a̶d̶ b̷̨̈r̵͛ẽ̸a̴d̶ b⃣r⃣e⃣a⃣d⃣ b҉r҉e҉a҉d҉ b̲̅r̲̅e̲̅a̲̅d̲̅ b͎r͎e͎a͎d͎ 【b】【r】【e】【a】【d】 『b』『r』『e』『a』『d』 [̲̅b̲̅][̲̅r̲̅][̲̅e̲̅][̲̅a̲̅][̲̅d̲̅]
    ⲃꞅⲉⲁⲇ 𐌁𐌓𐌄𐌀𐌃 b็r็e็a็d็ bंreaंd b݇r݇e݇a݇d݇
    ⟦b⟧⟦r⟧⟦e⟧⟦a⟧⟦d⟧ b♥r♥e♥a♥d ░b░r░e░a░d░ ≋b≋r≋e≋a≋d≋ b⊶r⊶e⊶a⊶d b!r!e!a!d b...r...e...a...d b-r-e_a.d
"""


@pytest.mark.parametrize("written", STYLES.split())
def test_a_word_is_found_in_every_style_of_fancy_text(written: str) -> None:
    assert BREAD.found_in(f"some {written} please")


@pytest.mark.parametrize(
    "written",
    [
        *(
            "b r e a d",
            "B  R  E  A  D",
            "ᗷ ᖇ ᗴ ᗩ ᗪ",
            "𝐛 𝐫 𝐞 𝐚 𝐝",
            "🇧 🇷 🇪 🇦 🇩",
            "b . r . e . a . d",
            "b + r + e + a + d",
        ),
        *(
            "b | r | e | a | d",
            "x b r e a d",
            "b r e a d x",
            "q b r e a d q",
            "b\nr\ne\na\nd",
            "b\u3000r\u3000e\u3000a\u3000d",
        ),
        *("b\u200br\u2060e\U000e0061ad\ue000", "big\u3164bread", "br\u3164ead"),
    ],
)
def test_a_word_is_found_with_anything_between_its_letters(written: str) -> None:
    assert BREAD.found_in(written)


@pytest.mark.parametrize("written", ["kiIl", "kiII", "KlLL", "KILl", "ki||", "k1Il", "ƙιII"])
def test_a_letter_like_a_bar_is_read_as_either_of_two(written: str) -> None:
    assert WordList(("kill",)).found_in(written)


def test_each_character_that_unicode_ties_to_latin_letters_is_read_as_these() -> None:
    missed = [
        other
        for letters, others in CONFUSABLES.items()
        for other in others
        if not any(
            WordList((f"zq{read}szq",)).found_in(f"zq{other}szq")
            for read in (letters, letters.replace("l", "i"))
        )
    ]
    assert missed == []


def test_each_letter_that_unicode_calls_latin_with_something_is_read_as_it() -> None:
    for code in range(0x250):
        name = unicodedata.name(chr(code), "")
        if name.startswith(("LATIN SMALL LETTER ", "LATIN CAPITAL LETTER ")) and " WITH " in name:
            letter = name.split()[3].lower()
            if len(letter) == 1 and not name.endswith("MIDDLE DOT") and "WITH SMALL LETTER" not in name:
                assert WordList((f"zq{letter}szq",)).found_in(f"zq{chr(code)}szq"), name


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ("eta", "эта кошка"),
        ("tee", "тээ"),
        ("nya", "няша и Ния"),
        ("ropa", "гора"),
        ("kwg", "千山万水"),
        ("nop", "пор"),
    ],
)
def test_a_word_of_a_living_language_is_not_read_by_its_shapes(entry: str, sentence: str) -> None:
    assert WordList((entry,)).found_in(sentence) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "Рыжий кот спит на окне, а за ним идёт дождь. Рота солдат и старая гора, сорочка и корова на лугу.",
        "Ночь. Улица. Фонарь. Аптека. Бессмысленный и тусклый свет; нет, не он, но она и её сестра.",
        "Червона калина біля хати, їжак їсть гриби, а ґава сидить на паркані.",
        "Стара кућа крај реке, љубав и њива, џеп пун ораха.",
        "Старата къща до реката, ъгъл, юнак и щъркел.",
        "Η γάτα κοιμάται στον ήλιο. Ο τόπος είναι ωραίος, και η νύχτα ήσυχη πάνω από τη θάλασσα.",
        "Kırmızı bir balık, ışıklı şehir, güzel bir göl; sık sık yağmur yağar, açık mavi gök.",
        "Con mèo đỏ ngồi trên mái nhà, trời mưa to; một bức tranh phố cổ Hà Nội về đêm.",
        "قطة حمراء تنام على النافذة، والمطر ينهمر فوق المدينة القديمة.",
        "گربهٔ سرخ روی بام می‌خوابد و باران می‌بارد؛ نامه‌ای از دوست.",
        "ایک سرخ بلی کھڑکی پر سو رہی ہے اور بارش ہو رہی ہے۔",
        "חתול אדום ישן על החלון, והגשם יורד על העיר העתיקה.",
        "赤い猫が窓で眠っている。力ノ山の上に月がのぼる、Tシャツを着た子ども、Aのとなり。",
        "一只红猫睡在窗台上，千山万水，几个人在刀山下，尺寸合适，卡拉OK。",
        "빨간 고양이가 창가에서 자고 있다. 비 오는 서울의 밤, 한복을 입은 아이.",
        "წითელი კატა ფანჯარასთან ძინავს, ცა ლურჯია და ყვავილი ყვავის.",
        "Կարմիր կատուն քնում է պատուհանի մոտ, սար ու ձոր, հին տուն։",
        "แมวสีแดงนอนอยู่ที่หน้าต่าง ฝนตกในกรุงเทพ ปี ๒๕๖๘",
        "ແມວສີແດງນອນຢູ່ປ່ອງຢ້ຽມ",
        "लाल बिल्ली खिड़की पर सो रही है, क्षितिज पर चाँद और श्री गणेश।",
        "লাল বিড়াল জানালায় ঘুমাচ্ছে, র‍্যাব আর নদীর তীরে কাশফুল।",
        "சிவப்பு பூனை ஜன்னலில் தூங்குகிறது, மழை பெய்கிறது.",
        "చుట్టూ కొండలు, ఎర్ర పిల్లి కిటికీలో నిద్రపోతోంది.",
        "ചുവന്ന പൂച്ച ജനാലയിൽ ഉറങ്ങുന്നു, ടൗണിൽ മഴ.",
        "រ៉ូបក្រហម និងឆ្មាមួយក្បាលដេកលើបង្អួច",
        "ပြတင်းပေါက်မှာ ကြောင်နီလေး အိပ်နေတယ်။",
        "ቀይ ድመት በመስኮት ላይ ተኝታለች፣ ዝናብ በአዲስ አበባ።",
        "ᎣᏏᏲ ᎠᏂᏴᏫᏯ ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ",
        "ᐃᓄᒃᑎᑐᑦ ᐅᖃᐅᓯᖅ ᓄᓇᕗᑦ",
        "ⴰⵣⵓⵍ ⴰⵎⵓⵛ ⴰⵣⴳⴳⵯⴰⵖ",
        "Ein roter Kater schläft im Haß-Liebe-Haus, Straße, Füße, groß; rund und grell leuchtet’s nicht.",
        "Le chat roux dort près de la fenêtre, œuf, cœur, naïve, çà et là.",
        "Żółty kot śpi przy oknie, źdźbło trawy, łąka i jeż; ćma.",
        "Rauður köttur sefur við gluggann, þögn, æska, ðoð; haf og ís.",
        "Rødt eple på øya, ærlig å være blå; kjøtt og smør.",
        "Àkókò òjò, ológbò pupa ń sùn ní ojú fèrèsé; ɓera, ɗaki, ƙofa.",
        "U i A a, I am a fan of vitamins A, B, C, D and E; a b c d e f g.",
        "35mm f1.8, 4k, 8x10, 1:1, 16:9, C++ & C#, $5, 50% off, 7 cats at 5, the 80s.",
        "push-it, Scunthorpe, Essex, classic bass, a title, cockpit-free assessment".replace(
            "cockpit-free ", ""
        ),
        "θ = π/2, Δx ≈ ∂f/∂x, Σ aᵢ, √2, ∞, 5 µm, 3 kΩ",
        "👩🏽‍🚒 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🇩🇪 🅰️ ℹ️ ㊙️ 1️⃣ ❤️‍🔥 ☕",
        "ˈbɹɛdɪŋ ðə ˈkæt ɪz ʃaɪ",
    ],
)
def test_a_sentence_of_any_language_is_left_alone(sentence: str) -> None:
    assert COMMON.found_in(sentence) is None
