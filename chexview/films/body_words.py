"""The words by which consoles and archives name views and parts of the body, in the languages they are sold in.

English, Spanish, Portuguese, French, Italian, German, Dutch, Turkish, Polish, the Scandinavian languages, Czech,
Hungarian, Romanian, Finnish, Russian, Greek, Chinese, Japanese and Korean; and what MIMIC, CheXpert and PadChest write. Words
are compared without accents, in upper case.
"""

import re
import unicodedata

_STROKED = str.maketrans("ŁłØøßĐđıİ", "LlOosDdiI")


def folded(text: str) -> str:
    """Text in upper case without accents, every run of other than letters and digits as one blank."""
    plain = unicodedata.normalize("NFKD", text.translate(_STROKED))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", plain).upper()))


def _words(*stems: str) -> re.Pattern[str]:
    """A pattern for words: ``STEM`` as a whole word, ``STEM~`` as the beginning of one, ``~STEM~`` anywhere."""
    parts = [_pattern(stem) for words in stems for stem in words.split()]
    return re.compile("|".join(part.replace("+", " ") for part in parts))


def _pattern(stem: str) -> str:
    before = "" if stem.startswith("~") else r"\b"
    after = "" if stem.endswith("~") else r"\b"
    return before + stem.strip("~") + after


LATERAL = _words(
    "LATERAL LAT LL RL LLAT RLAT LATERALE LATERALES LATERALIS LATERAAL LATERALNE LATERALNA LATEROLATERAL~ LATERO XTABLE",
    "CROSSTABLE CROSS+TABLE X+TABLE SWIMMERS SWIMMER PERFIL PROFIL PROFILE PROFILO SEITLICH SEITENANSICHT SEITAUFNAHME",
    "DWARS ZIJDELINGS ZIJAANZICHT YAN BOCZNE BOCZNA BOCZNY SIDE SIDEBILDE SIDBILD SIDOBILD BOCNI BOCNE OLDALIRANYU OLDAL~",
    "LATER~ LATR~ SIDA SEITE SIDEVIEW БОК ML LM MLO SIVUKUVA SIVU БОКОВ~ ~側面~ ~側位~ ~侧位~ ~측면~",
)
"""Words of a film from the side. SIDE and YAN are one word for it in Danish and Turkish."""

DECUBITUS = _words("DECUB~ DEKUB~ LLD RLD LLDEC~ RLDEC~ LLDECUB~")
"""A patient lying on the side: a frontal projection, but not of a patient who stands, sits or lies on the back."""

OBLIQUE = _words(
    "LAO RAO LPO RPO LLO RLO OBLIQUE OBL OBLICUA OBLICUO OBLIQUA OBLIQUO OBLIK SCHRAG SCHRAEG SKOSN~ SKRA KOSA КОСАЯ КОСОЙ",
    "~斜位~",
)
TILTED = _words(
    "LORDOTIC LORDOSIS APICAL APICALS APICES APEX APICOLORDOTIC~ APICO+LORDOTIC~ AXIAL LORDOTICA LORDOTICO LORDOTICAS APICE",
    "APICOGRAMA APICOGRAMMA APICAIS APICALES APICI LORDOTIQUE LORDOSE APICALE APICAUX SOMMETS AXIALE LORDOTISCH~ APIKAL~",
    "SPITZENAUFNAHME LUNGENSPITZE~ THORAXSPITZE~ LORDOTIK~ APIKOLORDOTIK~ AKSIYEL APICAAL LONGTOP~ TOPOPNAME LORDOTYCZN~",
    "SZCZYTY SZCZYTOW~ LORDOTISK~ LUNGTOPP~ LUNGETOPP~ LUNGESPIDS~ TOPPBILD~ LORDOTICK~ HROTY HROTU LORDOTIK~ TUDOCSUCS~",
    "CSUCSFELVETEL VARFURI LORDOOTTI~ KEUHKONKARKI~ KEUHKONKARJ~ KARKIKUVA ЛОРДОТ~ ВЕРХУШ~ АПИКАЛ~ ΛΟΡΔΩΤ~ ΚΟΡΥΦ~",
    "~肺尖~ ~前凸~ ~前弯~ ~前彎~ ~폐첨~ ~전만~",
)
"""A frontal film with the tube or the patient tilted, so that the clavicles lie above the apices."""

FRONTAL_PA = _words(
    "PA P+A POSTEROANTERIOR POSTERO+ANTERIOR POSTERIOR+ANTERIOR POSTERIEUR+ANTERIEUR DORSOVENTRAL~ DORSO+VENTRAL DV D+V",
    "TYLNO+PRZEDNI~ ARKA+ON ПРЯМАЯ+ПЕРЕДНЯЯ ПЕРЕДНЯЯ+ПРЯМАЯ ~后前~ ~後前~",
)
FRONTAL_AP = _words(
    "AP A+P ANTEROPOSTERIOR ANTERO+POSTERIOR ANTERIOR+POSTERIOR VENTRODORSAL~ VENTRO+DORSAL VD V+D PRZEDNIO+TYLN~ ON+ARKA",
    "ПРЯМАЯ+ЗАДНЯЯ ЗАДНЯЯ+ПРЯМАЯ ~前后~ ~前後~",
)

CHEST = _words(
    "CHEST~ ~CHEST CHST THORA~ ~THORAX THX THOR CXR PCXR ICXR LUNG LUNGS LUNGE~ LUNGA~ LUNGOR HEART CARDIA~ MEDIASTIN~ RIB",
    "RIBS STERN~ CLAVIC~ TORAX TORAC~ TORAK~ PECHO PEITO PETTO PULMON~ PULMAO PULMOES POUMON~ POITRINE POLMON~ COSTILLAS",
    "COSTELAS CORAZON CORACAO COEUR CUORE BRUST BRUSTKORB BRUSTRAUM BORST BORSTKAS LONGEN HERZ RIPPEN RIBBEN HJERTE HJARTA",
    "GOGUS AKCIGER~ KLATKA KLP PIERSIOW~ PLUCA PLUC BROST BROSTKORG BRYST BRYSTKASSE KEUHKO~ RINTAKEHA HRUDNI~ PLICE",
    "GRIL+COSTAL PARRILLA+COSTAL PAAG BETTLUNGE BETTTHORAX ~TORACE LUNGRONTGEN PLEURA~ BABYGRAM ФЛЮОРОГ~ ГРУДЬ NGUC PHOI",
    "ΘΩΡΑΚ~ ΠΝΕΥΜΟΝ~ ~صدر~ חזה",
    "MELLKAS TUDO PLAMAN~ ГРУДН~ ГРУДИ ЛЕГКИ~ ОГК ТОРАКС~ ~胸~ ~肺~ ~흉부~",  # noqa: RUF001
)
THORACIC_SPINE = re.compile(
    r"\b(T ?SPINE|D ?SPINE|BWS|TH?ORA[CK]\w* (SPINE|VERTEBRA\w*)|DORSAL SPINE|BRUSTWIRBEL\w*|"
    r"(COLUMNA|COLUNA|COLONNA|RACHIS|WERVELKOLOM) (DORSAL\w*|TH?ORA[CK]\w*)|TH?ORA[CK]\w* (WERVELKOLOM|WIRBEL\w*))\b"
)
"""The one neighbour whose name holds a word for the chest."""

ELSEWHERE = _words(
    "LEG LEGS KNEE KNEES ANKLE FOOT FEET TOE TOES HIP HIPS PELVIS FEMUR TIBIA FIBULA HAND HANDS WRIST FINGER FINGERS THUMB",
    "FOREARM ELBOW HUMERUS ARM SHOULDER SCAPULA SKULL HEAD SINUS SINUSES NASAL JAW MANDIBLE DENTAL TOOTH TEETH NECK SPINE",
    "CSPINE LSPINE LUMBAR CERVICAL SACRUM COCCYX ABDOM~ KUB BREAST EXTREMIT~ CALCANEUS PATELLA UPPEREXT LOWEREXT",
    "MANO MAO MANOS RODILLA JOELHO GENOU GINOCCHIO KNIE~ KOLANO DIZ CRANEO CRANIO CRANE SCHADEL SCHEDEL KAFATASI CZASZKA",
    "BASSIN BECKEN BACINO BEKKEN MIEDNICA PELVE PIE PIED PIEDE FUSS VOET AYAK STOPA CADERA QUADRIL HANCHE HUFTE HEUP KALCA",
    "BIODRO CODO COTOVELO COUDE GOMITO ELLBOGEN ELLEBOOG DIRSEK LOKIEC TOBILLO TORNOZELO CHEVILLE CAVIGLIA SPRUNGGELENK",
    "ENKEL MUNECA PUNHO POIGNET POLSO HANDGELENK NADGARSTEK HOMBRO OMBRO EPAULE SPALLA SCHULTER SCHOUDER OMUZ CUELLO",
    "PESCOCO COLLO HALS BOYUN SZYJA COLUMNA COLUNA RACHIS COLONNA WIRBEL~ WERVEL~ OMURGA KREGOSLUP LWS HWS BAUCH BUIK",
    "BRZUCH KARIN VENTRE ADDOME CABEZA CABECA TETE KOPF HOOFD GLOWA MAMA MAMMA SEIN КОЛЕН~ КИСТ~ СТОП~ ЧЕРЕП~ ЖИВОТ~",
    "CHESTABD~ THORACOABD~ TORACOABD~ BABYGRAM BACKENZAHN MAMMO~ SENOS OBERSCHENKEL UNTERSCHENKEL OBERARM UNTERARM ARMBAGE",
    "KNA BACKEN~ BECKEN~ BUK BUKO~ RYGG~ LANDRYGG~ HALSRYGG~ PIERNA~ BRAZO PERNA BRACO JAMBE BRAS GAMBA BRACCIO MANI DEDO~ DOIGT~",
    "DITO PALEC NOGA NOGI REKA REKI RAMIE BACAK BILEK CENE OPG ORTHOPAN~ PANORAM~ ESTOMAGO STOMACH ESOFAG~ ESOPHAG~",
    "OESOPHAG~ UROGRAF~ RINON~ KIDNEY~ VEJIGA BLADDER COLON SCOLIOSIS ТАЗ ТАЗА ПЛЕЧ~ РУКА РУКИ НОГА НОГИ",  # noqa: RUF001
    "БРЮШН~ ПОЗВОНОЧ~ ~腹部~ ~頭部~ ~膝~ ~복부~",
)

_SILENT = _words(
    "UNKNOWN OTHER NONE DEFAULT ANY UNSPECIFIED NA N A TEST BODY UNDEFINED UNDEF GENERAL XRAY XRAYS X RAY RAYS RADIOGRAPH",
    "RADIOGRAPHY RADIOLOGY RADIOGRAFIA RX RTG RO ROENTGEN RONTGEN CR DX DR DIGITAL IMAGE MISC NULL VARIOUS MULTIPLE NOT",
    "SPECIFIED SET GIVEN NO VALUE STANDARD ROUTINE EXAM EXAMINATION PORTABLE BED BEDSIDE ADULT CHILD PEDIATRIC PEDS TRUNK",
    "ALL FREE GENERIC UNIVERSAL VIEW PA AP DESCONOCIDO OTRO OTROS GENERICO INCONNU AUTRE AUTRES UNBEKANNT ANDERE SONSTIGES",
    "ALTRO SCONOSCIUTO OUTRO OUTROS DESCONHECIDO DIGER BILINMIYOR INNE INNY NIEZNANY OVERIG ONBEKEND ANNAT OKAND",
)
"""Words of a body part that say nothing of the body."""


def is_silent(words: str) -> bool:
    """Whether folded words name no part of the body at all."""
    return all(_SILENT.fullmatch(word) for word in words.split())


def names_chest(words: str) -> bool:
    """Whether folded words name the chest or what lies in it; the thoracic spine is not meant."""
    return CHEST.search(THORACIC_SPINE.sub(" ", words)) is not None


def names_another(words: str) -> bool:
    """Whether folded words name a part of the body beside the chest."""
    return THORACIC_SPINE.search(words) is not None or ELSEWHERE.search(words) is not None
