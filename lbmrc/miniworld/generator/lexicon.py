"""The words of the synthetic corpus in nine languages: a row per concept, a column per language.

Columns follow `LANGUAGES`. Forms that agree in gender are written masculine/feminine(/neuter);
nouns of titles have their gender after a colon if the article does not show it. Every row is used
only in forms that need no further inflection in any of the languages.
"""

# ruff: noqa: E501 (a phrase or a row stays on one line)

LANGUAGES = ("en", "es", "de", "ar", "hi", "vi", "el", "ru", "tr")


def table(rows: str) -> list[dict[str, str]]:
    """One dict (language → form) for each non-empty line of `rows`."""
    cells = [[cell.strip() for cell in row.split("|")] for row in rows.strip().splitlines()]
    return [dict(zip(LANGUAGES, row, strict=True)) for row in cells]


MONTHS = table("""
January | enero | Januar | يناير | जनवरी | 1 | Ιανουαρίου | января | Ocak
February | febrero | Februar | فبراير | फ़रवरी | 2 | Φεβρουαρίου | февраля | Şubat
March | marzo | März | مارس | मार्च | 3 | Μαρτίου | марта | Mart
April | abril | April | أبريل | अप्रैल | 4 | Απριλίου | апреля | Nisan
May | mayo | Mai | مايو | मई | 5 | Μαΐου | мая | Mayıs
June | junio | Juni | يونيو | जून | 6 | Ιουνίου | июня | Haziran
July | julio | Juli | يوليو | जुलाई | 7 | Ιουλίου | июля | Temmuz
August | agosto | August | أغسطس | अगस्त | 8 | Αυγούστου | августа | Ağustos
September | septiembre | September | سبتمبر | सितंबर | 9 | Σεπτεμβρίου | сентября | Eylül
October | octubre | Oktober | أكتوبر | अक्टूबर | 10 | Οκτωβρίου | октября | Ekim
November | noviembre | November | نوفمبر | नवंबर | 11 | Νοεμβρίου | ноября | Kasım
December | diciembre | Dezember | ديسمبر | दिसंबर | 12 | Δεκεμβρίου | декабря | Aralık
""")

DATE = {
    "en": "{month} {day}, {year}",
    "es": "{day} de {month} de {year}",
    "de": "{day}. {month} {year}",
    "ar": "{day} {month} {year}",
    "hi": "{day} {month} {year}",
    "vi": "ngày {day} tháng {month} năm {year}",
    "el": "{day} {month} {year}",
    "ru": "{day} {month} {year} года",
    "tr": "{day} {month} {year}",
}

# Russian typography groups digits with a no-break space.
THOUSANDS = {
    "en": ",",
    "es": ".",
    "de": ".",
    "ar": ",",
    "hi": ",",
    "vi": ".",
    "el": ".",
    "ru": "\u00a0",
    "tr": ".",
}

QUOTES = {
    "en": "“”",
    "es": "«»",
    "de": "„“",
    "ar": "«»",
    "hi": "“”",
    "vi": "“”",
    "el": "«»",
    "ru": "«»",
    "tr": "“”",
}

AND = {
    "en": " and ",
    "es": " y ",
    "de": " und ",
    "ar": " و",
    "hi": " और ",
    "vi": " và ",
    "el": " και ",
    "ru": " и ",
    "tr": " ve ",
}

# masculine/feminine where they differ
OCCUPATIONS = table("""
writer | escritor/escritora | Schriftsteller/Schriftstellerin | كاتب/كاتبة | लेखक/लेखिका | nhà văn | συγγραφέας | писатель/писательница | yazar
painter | pintor/pintora | Maler/Malerin | رسام/رسامة | चित्रकार | họa sĩ | ζωγράφος | художник/художница | ressam
doctor | médico/médica | Arzt/Ärztin | طبيب/طبيبة | चिकित्सक | bác sĩ | γιατρός | врач | doktor
teacher | maestro/maestra | Lehrer/Lehrerin | معلم/معلمة | शिक्षक/शिक्षिका | giáo viên | δάσκαλος/δασκάλα | учитель/учительница | öğretmen
composer | compositor/compositora | Komponist/Komponistin | ملحن/ملحنة | संगीतकार | nhà soạn nhạc | συνθέτης/συνθέτρια | композитор | besteci
gardener | jardinero/jardinera | Gärtner/Gärtnerin | بستاني/بستانية | माली | thợ làm vườn | κηπουρός | садовник/садовница | bahçıvan
baker | panadero/panadera | Bäcker/Bäckerin | خباز/خبازة | बेकर | thợ làm bánh | φούρναρης/φουρνάρισσα | пекарь | fırıncı
journalist | periodista | Journalist/Journalistin | صحفي/صحفية | पत्रकार | nhà báo | δημοσιογράφος | журналист/журналистка | gazeteci
singer | cantante | Sänger/Sängerin | مغن/مغنية | गायक/गायिका | ca sĩ | τραγουδιστής/τραγουδίστρια | певец/певица | şarkıcı
dancer | bailarín/bailarina | Tänzer/Tänzerin | راقص/راقصة | नर्तक/नर्तकी | vũ công | χορευτής/χορεύτρια | танцор/танцовщица | dansçı
photographer | fotógrafo/fotógrafa | Fotograf/Fotografin | مصور/مصورة | फ़ोटोग्राफ़र | nhiếp ảnh gia | φωτογράφος | фотограф | fotoğrafçı
lawyer | abogado/abogada | Anwalt/Anwältin | محام/محامية | वकील | luật sư | δικηγόρος | юрист | avukat
historian | historiador/historiadora | Historiker/Historikerin | مؤرخ/مؤرخة | इतिहासकार | nhà sử học | ιστορικός | историк | tarihçi
chemist | químico/química | Chemiker/Chemikerin | كيميائي/كيميائية | रसायनज्ञ | nhà hóa học | χημικός | химик | kimyager
""")

# Nominative and accusative are the same word in every language.
PRODUCTS = table("""
honey | miel | Honig | العسل | शहद | mật ong | μέλι | мёд | bal
cheese | queso | Käse | الجبن | पनीर | phô mai | τυρί | сыр | peynir
bicycles | bicicletas | Fahrräder | الدراجات | साइकिलें | xe đạp | ποδήλατα | велосипеды | bisiklet
clocks | relojes | Uhren | الساعات | घड़ियाँ | đồng hồ | ρολόγια | часы | saat
glass | vidrio | Glas | الزجاج | काँच | thủy tinh | γυαλί | стекло | cam
chocolate | chocolate | Schokolade | الشوكولاتة | चॉकलेट | sô cô la | σοκολάτα | шоколад | çikolata
tea | té | Tee | الشاي | चाय | trà | τσάι | чай | çay
silk | seda | Seide | الحرير | रेशम | lụa | μετάξι | шёлк | ipek
carpets | alfombras | Teppiche | السجاد | कालीन | thảm | χαλιά | ковры | halı
bread | pan | Brot | الخبز | रोटी | bánh mì | ψωμί | хлеб | ekmek
toys | juguetes | Spielzeug | الألعاب | खिलौने | đồ chơi | παιχνίδια | игрушки | oyuncak
boats | barcos | Boote | القوارب | नावें | thuyền | βάρκες | лодки | tekne
shoes | zapatos | Schuhe | الأحذية | जूते | giày | παπούτσια | обувь | ayakkabı
furniture | muebles | Möbel | الأثاث | फ़र्नीचर | đồ gỗ | έπιπλα | мебель | mobilya
paper | papel | Papier | الورق | काग़ज़ | giấy | χαρτί | картон | kâğıt
""")

MATERIALS = table("""
stone | piedra | Stein | الحجر | पत्थर | đá | πέτρα | камень | taş
wood | madera | Holz | الخشب | लकड़ी | gỗ | ξύλο | дерево | ahşap
steel | acero | Stahl | الفولاذ | इस्पात | thép | ατσάλι | сталь | çelik
concrete | hormigón | Beton | الخرسانة | कंक्रीट | bê tông | μπετόν | бетон | beton
glass | vidrio | Glas | الزجاج | काँच | kính | γυαλί | стекло | cam
marble | mármol | Marmor | الرخام | संगमरमर | cẩm thạch | μάρμαρο | мрамор | mermer
""")

# Units in the form used after a multiple of a hundred.
METRES, EUROS = table("""
metres | metros | Meter | متر | मीटर | mét | μέτρα | метров | metre
euros | euros | Euro | يورو | यूरो | euro | ευρώ | евро | avro
""")

# The nouns of titles, with their article where the language's titles keep it.
TITLE_NOUNS = table("""
the Sea | el mar | das Meer | البحر | समुद्र | biển | η θάλασσα | море:n | Deniz
the Mirror | el espejo | der Spiegel | المرآة:f | दर्पण | chiếc gương | ο καθρέφτης | зеркало:n | Ayna
the Garden | el jardín | der Garten | الحديقة:f | बगीचा | khu vườn | ο κήπος | сад | Bahçe
the River | el río | der Fluss | النهر | नदी:f | dòng sông | το ποτάμι | река:f | Nehir
the Moon | la luna | der Mond | القمر | चाँद | mặt trăng | το φεγγάρι | луна:f | Ay
the House | la casa | das Haus | البيت | घर | ngôi nhà | το σπίτι | дом | Ev
the Bird | el pájaro | der Vogel | الطائر | पक्षी | con chim | το πουλί | птица:f | Kuş
the Tree | el árbol | der Baum | الشجرة:f | पेड़ | cái cây | το δέντρο | дерево:n | Ağaç
the Road | el camino | der Weg | الطريق | रास्ता | con đường | ο δρόμος | дорога:f | Yol
the Star | la estrella | der Stern | النجمة:f | तारा | ngôi sao | το αστέρι | звезда:f | Yıldız
the Letter | la carta | der Brief | الرسالة:f | चिट्ठी:f | bức thư | το γράμμα | письмо:n | Mektup
the Night | la noche | die Nacht | الليلة:f | रात:f | màn đêm | η νύχτα | ночь:f | Gece
the Bridge | el puente | die Brücke | الجسر | पुल | cây cầu | η γέφυρα | мост | Köprü
the Door | la puerta | die Tür | الباب | दरवाज़ा | cánh cửa | η πόρτα | дверь:f | Kapı
the Horse | el caballo | das Pferd | الحصان | घोड़ा | con ngựa | το άλογο | конь | At
the Island | la isla | die Insel | الجزيرة:f | द्वीप | hòn đảo | το νησί | остров | Ada
the Rain | la lluvia | der Regen | المطر | बारिश:f | cơn mưa | η βροχή | дождь | Yağmur
the Wind | el viento | der Wind | الريح:f | हवा:f | ngọn gió | ο άνεμος | ветер | Rüzgâr
the Forest | el bosque | der Wald | الغابة:f | जंगल | khu rừng | το δάσος | лес | Orman
the Flower | la flor | die Blume | الزهرة:f | फूल | bông hoa | το λουλούδι | цветок | Çiçek
the Key | la llave | der Schlüssel | المفتاح | चाबी:f | chìa khóa | το κλειδί | ключ | Anahtar
the Mountain | la montaña | der Berg | الجبل | पहाड़ | ngọn núi | το βουνό | гора:f | Dağ
the Window | la ventana | das Fenster | النافذة:f | खिड़की:f | cửa sổ | το παράθυρο | окно:n | Pencere
the Sun | el sol | die Sonne | الشمس:f | सूरज | mặt trời | ο ήλιος | солнце:n | Güneş
the Tower | la torre | der Turm | البرج | मीनार:f | tòa tháp | ο πύργος | башня:f | Kule
the Ship | el barco | das Schiff | السفينة:f | जहाज़ | con tàu | το πλοίο | корабль | Gemi
the Ring | el anillo | der Ring | الخاتم | अँगूठी:f | chiếc nhẫn | το δαχτυλίδι | кольцо:n | Yüzük
the Shadow | la sombra | der Schatten | الظل | परछाईं:f | cái bóng | η σκιά | тень:f | Gölge
the Snow | la nieve | der Schnee | الثلج | बर्फ़:f | tuyết | το χιόνι | снег | Kar
the Hat | el sombrero | der Hut | القبعة:f | टोपी:f | chiếc mũ | το καπέλο | шляпа:f | Şapka
the Well | el pozo | der Brunnen | البئر:f | कुआँ | cái giếng | το πηγάδι | колодец | Kuyu
the Lamp | la lámpara | die Lampe | المصباح | दीपक | ngọn đèn | η λάμπα | лампа:f | Lamba
the Field | el campo | das Feld | الحقل | खेत | cánh đồng | το χωράφι | поле:n | Tarla
the Wall | el muro | die Mauer | الجدار | दीवार:f | bức tường | ο τοίχος | стена:f | Duvar
the Crown | la corona | die Krone | التاج | मुकुट | vương miện | το στέμμα | корона:f | Taç
the Clock | el reloj | die Uhr | الساعة:f | घड़ी:f | đồng hồ | το ρολόι | часы:p | Saat
""")

# Forms: es m/f, ar m/f, hi m/f, el m/f/n, ru m/f/n/plural.
TITLE_ADJECTIVES = table("""
Red | rojo/roja | rote | الأحمر/الحمراء | लाल | đỏ | κόκκινος/κόκκινη/κόκκινο | красный/красная/красное/красные | Kırmızı
White | blanco/blanca | weiße | الأبيض/البيضاء | सफ़ेद | trắng | λευκός/λευκή/λευκό | белый/белая/белое/белые | Beyaz
Black | negro/negra | schwarze | الأسود/السوداء | काला/काली | đen | μαύρος/μαύρη/μαύρο | чёрный/чёрная/чёрное/чёрные | Kara
Blue | azul | blaue | الأزرق/الزرقاء | नीला/नीली | xanh | γαλάζιος/γαλάζια/γαλάζιο | синий/синяя/синее/синие | Mavi
Silver | plateado/plateada | silberne | الفضي/الفضية | रुपहला/रुपहली | bạc | ασημένιος/ασημένια/ασημένιο | серебряный/серебряная/серебряное/серебряные | Gümüş
Big | grande | große | الكبير/الكبيرة | बड़ा/बड़ी | lớn | μεγάλος/μεγάλη/μεγάλο | большой/большая/большое/большие | Büyük
Small | pequeño/pequeña | kleine | الصغير/الصغيرة | छोटा/छोटी | nhỏ | μικρός/μικρή/μικρό | маленький/маленькая/маленькое/маленькие | Küçük
Beautiful | hermoso/hermosa | schöne | الجميل/الجميلة | सुंदर | đẹp | όμορφος/όμορφη/όμορφο | красивый/красивая/красивое/красивые | Güzel
Golden | dorado/dorada | goldene | الذهبي/الذهبية | सुनहरा/सुनहरी | vàng | χρυσός/χρυσή/χρυσό | золотой/золотая/золотое/золотые | Altın
Forgotten | olvidado/olvidada | vergessene | المنسي/المنسية | भूला हुआ/भूली हुई | bị lãng quên | ξεχασμένος/ξεχασμένη/ξεχασμένο | забытый/забытая/забытое/забытые | Unutulmuş
""")

TOPICS = table("""
the life of a fisherman on a small island | la vida de un pescador en una pequeña isla | das Leben eines Fischers auf einer kleinen Insel | حياة صياد في جزيرة صغيرة | एक छोटे द्वीप पर एक मछुआरे का जीवन | cuộc đời của một ngư dân trên một hòn đảo nhỏ | η ζωή ενός ψαρά σε ένα μικρό νησί | жизнь рыбака на маленьком острове | küçük bir adada bir balıkçının hayatı
the friendship of two old women | la amistad de dos ancianas | die Freundschaft zweier alter Frauen | صداقة امرأتين عجوزين | दो बूढ़ी औरतों की दोस्ती | tình bạn của hai bà lão | η φιλία δύο ηλικιωμένων γυναικών | дружба двух старых женщин | iki yaşlı kadının dostluğu
a long journey through the desert | un largo viaje por el desierto | eine lange Reise durch die Wüste | رحلة طويلة عبر الصحراء | रेगिस्तान की एक लंबी यात्रा | một chuyến đi dài qua sa mạc | ένα μακρύ ταξίδι στην έρημο | долгое путешествие через пустыню | çölde uzun bir yolculuk
the dream of a young musician | el sueño de un joven músico | der Traum eines jungen Musikers | حلم موسيقي شاب | एक युवा संगीतकार का सपना | giấc mơ của một nhạc sĩ trẻ | το όνειρο ενός νεαρού μουσικού | мечта молодого музыканта | genç bir müzisyenin hayali
love and war | el amor y la guerra | Liebe und Krieg | الحب والحرب | प्रेम और युद्ध | tình yêu và chiến tranh | η αγάπη και ο πόλεμος | любовь и война | aşk ve savaş
the secret of a rich family | el secreto de una familia rica | das Geheimnis einer reichen Familie | سر عائلة غنية | एक अमीर परिवार का राज़ | bí mật của một gia đình giàu có | το μυστικό μιας πλούσιας οικογένειας | тайна богатой семьи | zengin bir ailenin sırrı
childhood in a mountain village | la infancia en un pueblo de montaña | die Kindheit in einem Bergdorf | الطفولة في قرية جبلية | एक पहाड़ी गाँव में बचपन | tuổi thơ ở một ngôi làng miền núi | η παιδική ηλικία σε ένα ορεινό χωριό | детство в горной деревне | bir dağ köyünde çocukluk
the search for a lost ship | la búsqueda de un barco perdido | die Suche nach einem verlorenen Schiff | البحث عن سفينة مفقودة | एक खोए हुए जहाज़ की खोज | cuộc tìm kiếm một con tàu mất tích | η αναζήτηση ενός χαμένου πλοίου | поиски пропавшего корабля | kayıp bir geminin aranması
the first winter in a new country | el primer invierno en un nuevo país | der erste Winter in einem neuen Land | الشتاء الأول في بلد جديد | एक नए देश में पहली सर्दी | mùa đông đầu tiên ở một đất nước mới | ο πρώτος χειμώνας σε μια νέα χώρα | первая зима в новой стране | yeni bir ülkede ilk kış
the work of a village doctor | el trabajo de un médico rural | die Arbeit eines Landarztes | عمل طبيب في الريف | गाँव के एक डॉक्टर का काम | công việc của một bác sĩ làng | η δουλειά ενός αγροτικού γιατρού | работа сельского врача | bir köy doktorunun işi
a train journey across the mountains | un viaje en tren por las montañas | eine Zugfahrt durch die Berge | رحلة بالقطار عبر الجبال | पहाड़ों के बीच एक रेल यात्रा | một chuyến tàu qua những ngọn núi | ένα ταξίδι με τρένο στα βουνά | поездка на поезде через горы | dağlarda bir tren yolculuğu
daily life in a big hotel | la vida cotidiana en un gran hotel | der Alltag in einem großen Hotel | الحياة اليومية في فندق كبير | एक बड़े होटल का रोज़मर्रा का जीवन | cuộc sống hằng ngày trong một khách sạn lớn | η καθημερινή ζωή σε ένα μεγάλο ξενοδοχείο | повседневная жизнь большого отеля | büyük bir otelde günlük hayat
the last summer before the war | el último verano antes de la guerra | der letzte Sommer vor dem Krieg | الصيف الأخير قبل الحرب | युद्ध से पहले की आख़िरी गर्मी | mùa hè cuối cùng trước chiến tranh | το τελευταίο καλοκαίρι πριν από τον πόλεμο | последнее лето перед войной | savaştan önceki son yaz
a mysterious murder in the theatre | un misterioso asesinato en el teatro | ein rätselhafter Mord im Theater | جريمة قتل غامضة في المسرح | थिएटर में एक रहस्यमय हत्या | một vụ án mạng bí ẩn trong nhà hát | ένας μυστηριώδης φόνος στο θέατρο | загадочное убийство в театре | tiyatroda gizemli bir cinayet
the loneliness of an old king | la soledad de un viejo rey | die Einsamkeit eines alten Königs | وحدة ملك عجوز | एक बूढ़े राजा का अकेलापन | nỗi cô đơn của một vị vua già | η μοναξιά ενός γέρου βασιλιά | одиночество старого короля | yaşlı bir kralın yalnızlığı
the hard work of the miners | el duro trabajo de los mineros | die harte Arbeit der Bergleute | عمل عمال المناجم الشاق | खनिकों की कड़ी मेहनत | công việc nặng nhọc của thợ mỏ | η σκληρή δουλειά των ανθρακωρύχων | тяжёлый труд шахтёров | madencilerin zor işi
""")

FEMALE_NAMES = """
Anna آنا अन्ना Άννα Анна
Maria ماريا मारिया Μαρία Мария
Elena إيلينا एलेना Έλενα Елена
Sara سارة सारा Σάρα Сара
Laura لورا लौरा Λάουρα Лаура
Nina نينا नीना Νίνα Нина
Lina لينا लीना Λίνα Лина
Diana ديانا डायना Ντιάνα Диана
Marina مارينا मरीना Μαρίνα Марина
Sofia صوفيا सोफ़िया Σοφία София
Julia جوليا जूलिया Τζούλια Юлия
Clara كلارا क्लारा Κλάρα Клара
Rosa روزا रोज़ा Ρόζα Роза
Vera فيرا वेरा Βέρα Вера
Irina إيرينا इरीना Ιρίνα Ирина
"""

MALE_NAMES = """
Marco ماركو मार्को Μάρκο Марко
David ديفيد डेविड Ντέιβιντ Дэвид
Daniel دانيال डेनियल Ντάνιελ Даниэль
Adam آدم एडम Άνταμ Адам
Martin مارتن मार्टिन Μάρτιν Мартин
Robert روبرت रॉबर्ट Ρόμπερτ Роберт
Victor فيكتور विक्टर Βίκτορ Виктор
Leo ليو लियो Λέο Лео
Oscar أوسكار ऑस्कर Όσκαρ Оскар
Simon سايمون साइमन Σάιμον Саймон
Bruno برونو ब्रूनो Μπρούνο Бруно
Karim كريم करीम Καρίμ Карим
Ivan إيفان इवान Ιβάν Иван
Omar عمر उमर Ομάρ Омар
Paul بول पॉल Πολ Пол
"""
