/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * tessera-demo-names.c: given names in common use, and family names that mean "example", "sample", "attempt"
 * …, so that nobody can be meant.
 */
#include "config.h"

#include "tessera-demo-names.h"

/* clang-format off */

static const TesseraDemoName arabic_women[] = {
  { "مريم", "Maryam" }, { "فاطمة", "Fatima" }, { "زينب", "Zaynab" }, { "نور", "Nour" }, { "سارة", "Sara" },
  { "هدى", "Huda" }, { "ليلى", "Layla" }, { "أمل", "Amal" }, { "رنا", "Rana" }, { "سلمى", "Salma" },
  { "إيمان", "Iman" }, { "ريم", "Reem" },
};
static const TesseraDemoName arabic_men[] = {
  { "محمد", "Muhammad" }, { "أحمد", "Ahmad" }, { "خالد", "Khalid" }, { "يوسف", "Yusuf" }, { "عمر", "Omar" },
  { "علي", "Ali" }, { "حسن", "Hassan" }, { "إبراهيم", "Ibrahim" }, { "سامي", "Sami" }, { "كريم", "Karim" },
  { "طارق", "Tariq" }, { "بلال", "Bilal" },
};
static const TesseraDemoName arabic_families[] = {
  { "المثال", "Al-Mithal" }, { "التجريبي", "Al-Tajribi" }, { "النموذجي", "Al-Namudhaji" }, { "العينة", "Al-Ayyina" },
  { "الافتراضي", "Al-Iftiradi" }, { "التدريبي", "Al-Tadribi" },
};

static const TesseraDemoName persian_women[] = {
  { "زهرا", "Zahra" }, { "فرشته", "Fereshteh" }, { "شیرین", "Shirin" }, { "پروانه", "Parwana" }, { "گلناز", "Golnaz" },
  { "مینا", "Mina" }, { "لاله", "Laleh" }, { "نرگس", "Nargis" },
};
static const TesseraDemoName persian_men[] = {
  { "رضا", "Reza" }, { "جواد", "Jawad" }, { "فرهاد", "Farhad" }, { "نادر", "Nader" }, { "پرویز", "Parwiz" },
  { "هوشنگ", "Hushang" }, { "سهراب", "Sohrab" }, { "میرویس", "Mirwais" },
};
static const TesseraDemoName persian_families[] = {
  { "نمونه", "Namuneh" }, { "آزمایشی", "Azmayeshi" }, { "مثالی", "Mesali" }, { "فرضی", "Farzi" },
};

static const TesseraDemoName kurdish_women[] = {
  { "شلێر", "Shiler" }, { "ژیان", "Zhiyan" }, { "هێرۆ", "Hero" }, { "نەسرین", "Nesrin" },
};
static const TesseraDemoName kurdish_men[] = {
  { "ئازاد", "Azad" }, { "دلۆڤان", "Dilovan" }, { "ڕێبوار", "Rebwar" }, { "سەردار", "Serdar" },
};
static const TesseraDemoName kurdish_families[] = {
  { "نموونە", "Nimune" }, { "تاقیکردنەوە", "Taqikirdnewe" },
};

static const TesseraDemoName ukrainian_women[] = {
  { "Оксана", "Oksana" }, { "Наталія", "Nataliia" }, { "Ірина", "Iryna" }, { "Ганна", "Hanna" },
  { "Софія", "Sofiia" }, { "Людмила", "Liudmyla" }, { "Марія", "Mariia" }, { "Юлія", "Yuliia" },
};
static const TesseraDemoName ukrainian_men[] = {
  { "Андрій", "Andrii" }, { "Олександр", "Oleksandr" }, { "Тарас", "Taras" }, { "Сергій", "Serhii" },
  { "Богдан", "Bohdan" }, { "Михайло", "Mykhailo" },
};
static const TesseraDemoName ukrainian_families[] = {
  { "Прикладенко", "Prykladenko" }, { "Зразковська", "Zrazkovska" }, { "Пробчук", "Probchuk" },
  { "Вигаданко", "Vyhadanko" }, { "Тестюк", "Testiuk" },
};

static const TesseraDemoName russian_women[] = {
  { "Елена", "Elena" }, { "Светлана", "Svetlana" }, { "Гульнара", "Gulnara" }, { "Анна", "Anna" },
};
static const TesseraDemoName russian_men[] = {
  { "Рустам", "Rustam" }, { "Дмитрий", "Dmitry" }, { "Алексей", "Aleksei" }, { "Тимур", "Timur" },
};
static const TesseraDemoName russian_families[] = {
  { "Примеров", "Primerov" }, { "Образцова", "Obraztsova" }, { "Пробный", "Probny" },
};

static const TesseraDemoName tigrinya_women[] = {
  { "ሰላም", "Selam" }, { "ኣስመረት", "Asmeret" }, { "ለተብርሃን", "Letebrhan" }, { "ሄለን", "Helen" }, { "ትርሓስ", "Tirhas" },
};
static const TesseraDemoName tigrinya_men[] = {
  { "ተስፋይ", "Tesfay" }, { "ኣማኑኤል", "Amanuel" }, { "ዮናስ", "Yonas" }, { "ክፍሎም", "Kiflom" }, { "ሃብቶም", "Habtom" },
};
static const TesseraDemoName tigrinya_families[] = {
  { "ኣብነት", "Abnet" }, { "መርኣያ", "Mereaya" }, { "ፈተነ", "Fetene" },
};

static const TesseraDemoName amharic_women[] = {
  { "ሀና", "Hana" }, { "ትዕግስት", "Tigist" }, { "አበባ", "Abeba" }, { "ማርታ", "Marta" },
};
static const TesseraDemoName amharic_men[] = {
  { "ዳዊት", "Dawit" }, { "አበበ", "Abebe" }, { "ሰለሞን", "Solomon" }, { "ገብረ", "Gebre" },
};
static const TesseraDemoName amharic_families[] = {
  { "ምሳሌ", "Misale" }, { "ናሙና", "Namuna" }, { "ሙከራ", "Mukera" },
};

static const TesseraDemoName bengali_women[] = {
  { "আয়েশা", "Ayesha" }, { "রুমানা", "Rumana" }, { "শিউলি", "Shiuli" }, { "নাসরিন", "Nasrin" }, { "মিতা", "Mita" },
};
static const TesseraDemoName bengali_men[] = {
  { "রহিম", "Rahim" }, { "করিম", "Karim" }, { "সুমন", "Sumon" }, { "আনিস", "Anis" }, { "তানভীর", "Tanvir" },
  { "জসিম", "Jasim" },
};
static const TesseraDemoName bengali_families[] = {
  { "উদাহরণ", "Udaharan" }, { "নমুনা", "Namuna" }, { "কল্পিত", "Kalpito" }, { "পরীক্ষা", "Porikkha" },
};

static const TesseraDemoName nepali_women[] = {
  { "सीता", "Sita" }, { "गीता", "Gita" }, { "कमला", "Kamala" }, { "सुनिता", "Sunita" }, { "लक्ष्मी", "Laxmi" },
};
static const TesseraDemoName nepali_men[] = {
  { "राम", "Ram" }, { "कृष्ण", "Krishna" }, { "विकास", "Bikash" }, { "सुरेश", "Suresh" }, { "दीपक", "Dipak" },
  { "हरि", "Hari" },
};
static const TesseraDemoName nepali_families[] = {
  { "उदाहरण", "Udaharan" }, { "नमुना", "Namuna" }, { "परीक्षण", "Parikshan" }, { "काल्पनिक", "Kalpanik" },
};

static const TesseraDemoName punjabi_women[] = {
  { "ਹਰਪ੍ਰੀਤ", "Harpreet" }, { "ਸਿਮਰਨ", "Simran" }, { "ਜਸਲੀਨ", "Jasleen" },
};
static const TesseraDemoName punjabi_men[] = {
  { "ਗੁਰਪ੍ਰੀਤ", "Gurpreet" }, { "ਬਲਵਿੰਦਰ", "Balwinder" }, { "ਮਨਜੀਤ", "Manjit" },
};
static const TesseraDemoName punjabi_families[] = {
  { "ਮਿਸਾਲ", "Misal" }, { "ਨਮੂਨਾ", "Namuna" },
};

static const TesseraDemoName chinese_women[] = {
  { "秀英", "Xiuying" }, { "丽", "Li" }, { "静", "Jing" },
};
static const TesseraDemoName chinese_men[] = {
  { "伟", "Wei" }, { "强", "Qiang" }, { "建国", "Jianguo" },
};
static const TesseraDemoName chinese_families[] = {
  { "示例", "Shili" }, { "样本", "Yangben" },
};

static const TesseraDemoName vietnamese_women[] = {
  { "Thị Lan", "Thị Lan" }, { "Ngọc Ánh", "Ngọc Ánh" }, { "Thu Hương", "Thu Hương" }, { "Mỹ Duyên", "Mỹ Duyên" },
};
static const TesseraDemoName vietnamese_men[] = {
  { "Văn Đức", "Văn Đức" }, { "Minh Tuấn", "Minh Tuấn" }, { "Quốc Bảo", "Quốc Bảo" }, { "Hữu Phước", "Hữu Phước" },
};
static const TesseraDemoName vietnamese_families[] = {
  { "Ví Dụ", "Ví Dụ" }, { "Mẫu", "Mẫu" }, { "Thử", "Thử" },
};

static const TesseraDemoName portuguese_women[] = {
  { "Conceição", "Conceição" }, { "Inês", "Inês" }, { "Luísa", "Luísa" }, { "Tânia", "Tânia" }, { "Fátima", "Fátima" },
  { "Lourença", "Lourença" },
};
static const TesseraDemoName portuguese_men[] = {
  { "João", "João" }, { "Sebastião", "Sebastião" }, { "Estêvão", "Estêvão" }, { "Luís", "Luís" }, { "Tomé", "Tomé" },
  { "Zeferino", "Zeferino" },
};
static const TesseraDemoName portuguese_families[] = {
  { "Exemplo", "Exemplo" }, { "da Amostra", "da Amostra" }, { "Ficção", "Ficção" }, { "Demonstração", "Demonstração" },
  { "Ensaio", "Ensaio" },
};

static const TesseraDemoName french_women[] = {
  { "Aïssatou", "Aïssatou" }, { "Hélène", "Hélène" }, { "Fanta", "Fanta" }, { "Grâce", "Grâce" },
  { "Mariétou", "Mariétou" }, { "Noëlle", "Noëlle" },
};
static const TesseraDemoName french_men[] = {
  { "Mamadou", "Mamadou" }, { "Désiré", "Désiré" }, { "Moïse", "Moïse" }, { "Ibrahima", "Ibrahima" },
  { "François", "François" }, { "Kouamé", "Kouamé" },
};
static const TesseraDemoName french_families[] = {
  { "Exemple", "Exemple" }, { "Modèle", "Modèle" }, { "Échantillon", "Échantillon" }, { "Essai", "Essai" },
  { "L’Épreuve", "L’Épreuve" },
};

static const TesseraDemoName turkish_women[] = {
  { "Ayşe", "Ayşe" }, { "Gülşen", "Gülşen" }, { "Çiğdem", "Çiğdem" },
};
static const TesseraDemoName turkish_men[] = {
  { "Mehmet", "Mehmet" }, { "Ömer", "Ömer" }, { "İsmail", "İsmail" },
};
static const TesseraDemoName turkish_families[] = {
  { "Örnek", "Örnek" }, { "Deneme", "Deneme" }, { "Varsayım", "Varsayım" },
};

static const TesseraDemoName somali_women[] = {
  { "Hodan", "Hodan" }, { "Ifrah", "Ifrah" }, { "Sahra", "Sahra" },
};
static const TesseraDemoName somali_men[] = {
  { "Abdi", "Abdi" }, { "Warsame", "Warsame" }, { "Liban", "Liban" },
};
static const TesseraDemoName somali_families[] = {
  { "Tusaale", "Tusaale" }, { "Muunad", "Muunad" },
};

static const TesseraDemoName spanish_women[] = {
  { "Begoña", "Begoña" }, { "María José", "María José" }, { "Yuliana", "Yuliana" },
};
static const TesseraDemoName spanish_men[] = {
  { "Íñigo", "Íñigo" }, { "José Ángel", "José Ángel" }, { "Wilmer", "Wilmer" },
};
static const TesseraDemoName spanish_families[] = {
  { "Ejemplo", "Ejemplo" }, { "Muestra", "Muestra" }, { "de Prueba", "de Prueba" },
};

#define ORIGIN(language, also, weight, family_first, name) \
  { language, also, weight, family_first, name##_women, G_N_ELEMENTS (name##_women), name##_men, \
    G_N_ELEMENTS (name##_men), name##_families, G_N_ELEMENTS (name##_families) }

const TesseraDemoOrigin tessera_demo_origins[] = {
  ORIGIN ("ar", "fr", 18, FALSE, arabic),
  ORIGIN ("uk", "ru", 14, FALSE, ukrainian),
  ORIGIN ("bn", "en", 10, FALSE, bengali),
  ORIGIN ("ne", "en", 9, FALSE, nepali),
  ORIGIN ("pt-BR", NULL, 9, FALSE, portuguese),
  ORIGIN ("fr", "en", 8, FALSE, french),
  ORIGIN ("prs", "en", 6, FALSE, persian),
  ORIGIN ("ti", "am", 5, FALSE, tigrinya),
  ORIGIN ("pa", "en", 4, FALSE, punjabi),
  ORIGIN ("am", "en", 3, FALSE, amharic),
  ORIGIN ("es", NULL, 3, FALSE, spanish),
  ORIGIN ("ru", NULL, 3, FALSE, russian),
  ORIGIN ("so", "ar", 2, FALSE, somali),
  ORIGIN ("vi", NULL, 2, TRUE, vietnamese),
  ORIGIN ("tr", NULL, 2, FALSE, turkish),
  ORIGIN ("ckb", "ar", 2, FALSE, kurdish),
  ORIGIN ("zh", NULL, 1, TRUE, chinese),
};
const guint tessera_demo_n_origins = G_N_ELEMENTS (tessera_demo_origins);
